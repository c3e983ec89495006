/* A form that came back with mistakes: their summary heads it, and the first field at fault is ready to be mended. */

"use strict";

(() => {
    /* What takes the focus for `field`, which a widget may have hidden behind its own. */
    function focusable(field) {
        return field.nextElementSibling?.querySelector(".select2-selection") ?? field;
    }

    function reveal(field) {
        for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) {
            fold.open = true;
        }
    }

    function goTo(field) {
        reveal(field);
        (field.closest(".field, .field-row, .form-row") ?? field).scrollIntoView({ block: "nearest" });
        focusable(field).focus({ preventScroll: field.type === "hidden" });
    }

    /* The form that `summary` stands in or before. */
    function headed(summary) {
        return summary.closest("form") ?? (summary.nextElementSibling?.matches("form") ? summary.nextElementSibling : null);
    }

    /* The form whose answer the page is, among others of the page. */
    function sent() {
        return [...document.querySelectorAll("form[method='post'][action]")].find((form) => (
            new URL(form.getAttribute("action"), location).pathname === location.pathname
        ));
    }

    /* That it comes into the form is what has screen readers read it: an alert that a page began with is none. */
    function showMistakes() {
        const summary = document.getElementById("form-mistakes");
        const field = document.querySelector("form [aria-invalid='true']");
        if (!summary) {
            return;
        }
        (field?.form ?? headed(summary) ?? sent())?.prepend(summary);
        if (field) {
            goTo(field);
        } else {
            summary.scrollIntoView({ block: "center" });
            summary.focus({ preventScroll: true });
        }
    }

    document.addEventListener("click", (event) => {
        const link = event.target.closest("#form-mistakes a, .flash a[data-field]");
        const field = link && document.getElementById(link.hash.slice(1));
        if (field) {
            event.preventDefault();
            goTo(field);
        }
    });

    /* Widgets build themselves in a task of their own once the page is there. */
    addEventListener("load", () => setTimeout(showMistakes));
    document.addEventListener("htmx:afterSettle", (event) => {
        if (event.target.id === "form-mistakes") {
            showMistakes();
        }
    });
})();
