/* Choosers that search on the server (select2): named by their label, opened by the keyboard, heard by everybody. */

"use strict";

(() => {
    function labelOf(select) {
        const label = select.labels?.[0];
        if (label && !label.id) {
            label.id = `label-${select.id}`;
        }
        return label;
    }

    /* A screen reader reads what the chooser is for, then what is chosen. */
    function name(select) {
        const selection = select.nextElementSibling?.querySelector(".select2-selection");
        const label = labelOf(select);
        if (!selection || !label) {
            return;
        }
        const shown = selection.querySelector(".select2-selection__rendered");
        selection.setAttribute("aria-labelledby", [label.id, shown?.id].filter(Boolean).join(" "));
        selection.querySelector("input")?.setAttribute("aria-label", label.textContent.trim());
        ["aria-describedby", "aria-invalid", "aria-required"].forEach((each) => {
            if (select.hasAttribute(each)) {
                selection.setAttribute(each, select.getAttribute(each));
            }
        });
        label.addEventListener("click", () => selection.focus());
    }

    function nameSearch(select) {
        const field = document.querySelector(".select2-container--open .select2-search__field");
        field?.setAttribute("aria-label", labelOf(select)?.textContent.trim() || "Search");
        field?.focus();
    }

    /* Typing into a closed chooser opens it and searches for what is typed, as a text field would. */
    function openByTyping(event) {
        const selection = event.target.closest?.(".select2-selection--single");
        const select = selection?.closest(".select2-container")?.previousElementSibling;
        const types = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
        if (!select || !(types || event.key === "ArrowDown")) {
            return;
        }
        event.preventDefault();
        django.jQuery(select).select2("open");
        const field = document.querySelector(".select2-container--open .select2-search__field");
        if (types && field) {
            field.value = event.key;
            field.dispatchEvent(new Event("input", { bubbles: true }));
        }
    }

    document.addEventListener("DOMContentLoaded", () => {
        if (!window.django?.jQuery?.fn.select2) {
            return;
        }
        django.jQuery(() => document.querySelectorAll("select.select2-hidden-accessible").forEach(name));
        /* select2 tells jQuery alone what was chosen. */
        django.jQuery(document).on("select2:select select2:unselect select2:clear", (event) => {
            event.target.dispatchEvent(new Event("change", { bubbles: true }));
        });
        django.jQuery(document).on("select2:open", (event) => nameSearch(event.target));
        document.addEventListener("keydown", openByTyping, true);
    });
})();
