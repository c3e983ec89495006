/* Choosers that search on the server (select2): named by their label, opened by the keyboard, heard by everybody. */

"use strict";

(() => {
    const PARTS = "[role='textbox'], [role='searchbox'], [role='listbox']";
    const SAID_OF_A_FIELD = ["aria-describedby", "aria-invalid", "aria-required"];

    function labelOf(select) {
        const label = select.labels[0];
        if (label) {
            label.id ||= `${select.id}_label`;
        }
        return label;
    }

    /* select2 gives its parts no names. Each has that of its field. */
    function nameParts(label, box) {
        box.querySelectorAll(PARTS).forEach((part) => part.setAttribute("aria-labelledby", label.id));
        box.querySelectorAll("ul.select2-selection__rendered, ul.select2-selection__rendered > li").forEach((part) => {
            part.setAttribute("role", "none"); // a list with a field among its entries is none
        });
    }

    /* A screen reader reads what the chooser is for, then what is chosen, and what is said of its field. */
    function name(select) {
        const label = labelOf(select);
        const box = select.nextElementSibling;
        const selection = box.querySelector(".select2-selection");
        const chosen = box.querySelector("span.select2-selection__rendered");
        if (!label) {
            return;
        }
        selection.setAttribute("aria-labelledby", [label.id, chosen?.id].filter(Boolean).join(" "));
        SAID_OF_A_FIELD.filter((each) => select.hasAttribute(each)).forEach((each) => {
            selection.setAttribute(each, select.getAttribute(each));
        });
        label.addEventListener("click", () => selection.focus());
        nameParts(label, box);
        new MutationObserver(() => nameParts(label, box)).observe(box, { childList: true, subtree: true });
    }

    /* What is opened stands at the end of the page, with a field of its own where one is chosen of many. */
    function nameOpened(select) {
        const opened = document.querySelector("body > .select2-container--open");
        const label = labelOf(select);
        select.nextElementSibling.querySelector("[role='combobox']")
            .setAttribute("aria-controls", `select2-${select.id}-results`);
        if (opened && label) {
            opened.setAttribute("role", "dialog");
            opened.setAttribute("aria-labelledby", label.id);
            nameParts(label, opened);
        }
        document.querySelector(".select2-container--open .select2-search__field")?.focus();
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
        /* They build themselves in a task of their own once the page is there. */
        django.jQuery(() => setTimeout(() => {
            document.querySelectorAll("select.select2-hidden-accessible").forEach(name);
        }));
        /* select2 tells jQuery alone what was chosen. */
        django.jQuery(document).on("select2:select select2:unselect select2:clear", (event) => {
            event.target.dispatchEvent(new Event("change", { bubbles: true }));
        });
        django.jQuery(document).on("select2:open", (event) => nameOpened(event.target));
        document.addEventListener("keydown", openByTyping, true);
    });
})();
