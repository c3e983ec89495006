/* A form that came back with mistakes: the first wrong field is shown and ready to be mended, or what is said of all. */

"use strict";

(() => {
    /* What takes the focus for `field`, which a widget may have hidden behind its own. */
    function focusable(field) {
        return field.nextElementSibling?.querySelector(".select2-selection") ?? field;
    }

    function showFirstMistake() {
        const field = document.querySelector("[aria-invalid='true']");
        if (!field) {
            document.querySelector("form > [role='alert']:not([hidden])")?.scrollIntoView({ block: "center" });
        } else if (document.activeElement === document.body) {
            field.closest(".field, .field-row, .form-row")?.scrollIntoView({ block: "nearest" });
            focusable(field).focus();
        }
    }

    /* Widgets build themselves in a task of their own once the page is there. */
    addEventListener("load", () => setTimeout(showFirstMistake));
})();
