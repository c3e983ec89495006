/* Rows for further records, added without asking the server. */

"use strict";

(() => {
    function addRow(button) {
        const form = button.form;
        const rows = form.querySelector("[data-rows]");
        const total = form.elements[`${rows.dataset.rows}-TOTAL_FORMS`];
        const most = form.elements[`${rows.dataset.rows}-MAX_NUM_FORMS`];
        if (Number(total.value) >= Number(most.value)) {
            return;
        }
        const row = form.querySelector("template[data-empty-row]").innerHTML.replaceAll("__prefix__", total.value);
        rows.insertAdjacentHTML("beforeend", row);
        total.value = Number(total.value) + 1;
        rows.lastElementChild.querySelector("select, input").focus();
    }

    document.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button && "addRow" in button.dataset) {
            event.preventDefault();
            addRow(button);
        }
    });
})();
