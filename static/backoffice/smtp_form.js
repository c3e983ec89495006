/* The form of an SMTP server, when an answer to one of its buttons has come. */

"use strict";

(() => {
    /* A check that is over: the field at fault is marked, shown and ready to be mended. */

    function forgetMistakes(form) {
        form.querySelector("#form-mistakes")?.remove();
        form.querySelectorAll(".field-errors").forEach((list) => list.remove());
        form.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
        form.querySelectorAll(".field.errors").forEach((field) => field.classList.remove("errors", "group"));
    }

    function pointAt(input, sentence) {
        const list = document.createElement("ul");
        const item = document.createElement("li");
        list.className = "field-errors";
        list.id = `${input.id}_error`;
        item.textContent = sentence;
        list.append(item);
        input.closest(".field").classList.add("errors", "group");
        input.closest(".field").append(list);
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", list.id);
        input.scrollIntoView({ block: "center" });
        input.focus({ preventScroll: true });
    }

    /* What is known of a provider goes into the fields that are still as they were when it was asked for. */

    function fillIn(panel) {
        const fields = panel.closest("form").elements;
        Object.entries(JSON.parse(panel.dataset.changes)).forEach(([name, [before, value]]) => {
            if (fields[name].value.trim() === before) {
                fields[name].value = value;
            }
        });
    }

    document.addEventListener("htmx:afterSettle", (event) => {
        if (event.target.id === "smtp-form") {
            event.target.querySelector("[aria-invalid='true']")?.focus();
        } else if (event.target.id === "smtp-outcome") {
            const { field, fault } = event.target.dataset;
            const input = field && document.getElementById(`id_${field}`);
            forgetMistakes(event.target.closest("form"));
            if (input) {
                pointAt(input, fault);
            } else if (event.detail.requestConfig.verb === "post") {
                event.target.scrollIntoView({ block: "nearest" }); /* once, when a button was pressed, and not at each look */
            }
        } else if (event.target.id === "smtp-provider") {
            fillIn(event.target);
        }
    });
})();
