/* Choosers that search: select2 gives its parts no names. Each has that of its field. */

"use strict";

(() => {
    const PARTS = "[role='combobox'], [role='textbox'], [role='searchbox'], [role='listbox']";

    function labelOf(select) {
        const [label] = select.labels;
        label.id ||= `${select.id}_label`;
        return label.id;
    }

    function nameParts(select, box) {
        const label = labelOf(select);
        box.querySelectorAll(PARTS).forEach((part) => part.setAttribute("aria-labelledby", label));
        box.querySelectorAll("ul.select2-selection__rendered, ul.select2-selection__rendered > li").forEach((part) => {
            part.setAttribute("role", "none"); // a list with a field among its entries is none
        });
    }

    function choosers() {
        return [...document.querySelectorAll("select.select2-hidden-accessible")].filter((select) => select.labels.length);
    }

    function nameChoosers() {
        choosers().forEach((select) => {
            nameParts(select, select.nextElementSibling);
            new MutationObserver(() => nameParts(select, select.nextElementSibling))
                .observe(select.nextElementSibling, { childList: true, subtree: true });
        });
    }

    /* What is opened stands at the end of the page, the one of the chooser that is open. */
    function nameOpened() {
        const dropdown = document.querySelector("body > .select2-container--open .select2-dropdown");
        const open = choosers().find((select) => select.nextElementSibling.matches(".select2-container--open"));
        if (dropdown && open) {
            nameParts(open, dropdown);
        }
    }

    /* They build themselves in a task of their own once the page is there. */
    addEventListener("load", () => setTimeout(() => {
        nameChoosers();
        new MutationObserver(nameOpened).observe(document.body, { childList: true });
    }));
})();
