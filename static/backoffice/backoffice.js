/* What the consoles add to Unfold: the keyboard reaches everything, and htmx obeys the content security policy. */

"use strict";

(() => {
    /* The shell: Unfold's own switches are spans and links without an address. ------------------------------------- */

    const SWITCHES = [
        ["#header-inner span[x-on\\:click*='sidebar']", "Menu"],
        ["#nav-sidebar span[x-on\\:click*='sidebarMobileOpen']", "Close menu"],
        ["#nav-sidebar div[x-on\\:click*='openUserLinks']", "Account menu"],
        ["#nav-sidebar h2[x-on\\:click]", ""],
        ["#changelist a[x-on\\:click*='filterOpen']", ""],
        ["a[x-on\\:click*='switchTheme']", ""],
        ["[x-on\\:click*='openTheme']", "Theme"],
        ["a[x-on\\:click]:not([href])", ""],
    ];

    function makeSwitch(element, label) {
        if (element.hasAttribute("tabindex") || element.matches("button, input, select, textarea, a[href]")) {
            return;
        }
        element.tabIndex = 0;
        element.setAttribute("role", "button");
        if (label) {
            element.setAttribute("aria-label", label);
        }
    }

    function makeReachable(root) {
        SWITCHES.forEach(([selector, label]) => {
            root.querySelectorAll(selector).forEach((element) => makeSwitch(element, label));
        });
        root.querySelectorAll("table").forEach((table) => {
            const scroller = table.parentElement;
            if (scroller.scrollWidth > scroller.clientWidth) {
                scroller.tabIndex = 0;
            }
        });
    }

    /* The names of icons are text: beside words, a screen reader would read both. */
    function hushIcons(root) {
        root.querySelectorAll(".material-symbols-outlined:not([aria-hidden])").forEach((icon) => {
            if (icon.parentElement.textContent.trim() !== icon.textContent.trim()) {
                icon.setAttribute("aria-hidden", "true");
            }
        });
    }

    function nameSearch() {
        const search = document.getElementById("searchbar");
        if (search && !search.hasAttribute("aria-label")) {
            search.setAttribute("aria-label", "Search");
        }
    }

    function pressLikeButton(event) {
        const target = event.target;
        if ((event.key === "Enter" || event.key === " ") && target.matches("[role='button']:not(button)")) {
            event.preventDefault();
            target.click();
        }
    }

    function markMain() {
        const content = document.getElementById("content");
        if (content && !document.querySelector("main")) {
            content.setAttribute("role", "main");
        }
    }

    document.addEventListener("DOMContentLoaded", () => {
        markMain();
        nameSearch();
        makeReachable(document);
        hushIcons(document);
    });
    document.addEventListener("keydown", pressLikeButton);
    document.addEventListener("htmx:afterSwap", (event) => makeReachable(event.target));

    /* Copy buttons, and rows that are added without asking the server ---------------------------------------------- */

    const COPIED_MS = 2000;

    function copyBySelection(text) {
        const area = document.createElement("textarea");
        area.value = text;
        area.setAttribute("readonly", "");
        area.style.position = "fixed";
        document.body.append(area);
        area.select();
        const done = document.execCommand("copy");
        area.remove();
        return done ? Promise.resolve() : Promise.reject(new Error("not copied"));
    }

    function copy(button) {
        const text = button.dataset.copy;
        const label = button.querySelector("[aria-live]");
        const say = (words) => {
            label.textContent = words;
            button.focus();
            window.setTimeout(() => { label.textContent = "Copy"; }, COPIED_MS);
        };
        const copied = navigator.clipboard
            ? navigator.clipboard.writeText(text).catch(() => copyBySelection(text))
            : copyBySelection(text);
        copied.then(() => say("Copied"), () => say("Select and copy it yourself"));
    }

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
        if (button && "copy" in button.dataset) {
            copy(button);
        } else if (button && "addRow" in button.dataset) {
            event.preventDefault();
            addRow(button);
        }
    });

    /* A check that is over: the field at fault is marked, shown and ready to be mended ------------------------------ */

    function forgetMistakes(form) {
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

    document.addEventListener("htmx:afterSettle", (event) => {
        if (event.target.id === "smtp-form") {
            event.target.querySelector("[aria-invalid='true']")?.focus();
        } else if (event.target.id === "smtp-outcome") {
            const { field, fault } = event.target.dataset;
            const input = field && document.getElementById(`id_${field}`);
            forgetMistakes(event.target.closest("form"));
            if (input) {
                pointAt(input, fault);
            }
        }
    });

    /* What is known of a provider goes into the fields that are still as they were when it was asked for ------------ */

    function fillIn(panel) {
        const fields = panel.closest("form").elements;
        Object.entries(JSON.parse(panel.dataset.changes)).forEach(([name, [before, value]]) => {
            if (fields[name].value.trim() === before) {
                fields[name].value = value;
            }
        });
    }

    document.addEventListener("htmx:afterSettle", (event) => {
        if (event.target.id === "smtp-provider") {
            fillIn(event.target);
        }
    });

    /* htmx ---------------------------------------------------------------------------------------------------------- */

    if (window.htmx) {
        htmx.config.includeIndicatorStyles = false;
        htmx.config.allowEval = false;
    }
})();
