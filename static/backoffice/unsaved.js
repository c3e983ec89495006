/* What is typed and not saved: nobody leaves it unasked, and where a session ended under it, it comes back. */

"use strict";

(() => {
    const changed = new Set(); /* the forms that hold something which was not sent */
    const ROWS_MAX = 100;
    const postedForm = (element) => element.closest?.("form[method='post' i]") ?? element.form ?? null;
    const isTyped = (field) => !field.matches("[type='hidden'], [type='submit'], [type='search'], #changelist-form *");

    function noteChange(event) {
        const form = event.target.form;
        if (form?.method === "post" && !form.matches("#changelist-form, .entrance form") && isTyped(event.target)) {
            changed.add(form);
        }
    }

    function askBeforeLeaving(event) {
        if ([...changed].some((form) => form.isConnected)) {
            event.preventDefault();
        }
    }

    /* For whom this page was made goes along, so that what is sent after the session ended waits for nobody else. */
    const madeFor = () => document.getElementById("typed-by")?.dataset.typedBy;

    function markSent(event) {
        changed.delete(event.target);
        if (event.target.method === "post" && madeFor() && !event.target.elements.typed_by) {
            const field = document.createElement("input");
            Object.assign(field, { type: "hidden", name: "typed_by", value: madeFor() });
            event.target.append(field);
        }
    }

    function fill(field, values) {
        const before = field.type === "checkbox" || field.type === "radio" ? field.checked : field.value;
        if (field.type === "checkbox" || field.type === "radio") {
            field.checked = values.includes(field.value);
        } else if (field.multiple && field.options) {
            [...field.options].forEach((option) => { option.selected = values.includes(option.value); });
        } else if (!["hidden", "password", "file", "submit"].includes(field.type) && values.length) {
            field.value = values.at(-1);
        }
        if (before !== (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value)) {
            ["input", "change"].forEach((kind) => field.dispatchEvent(new Event(kind, { bubbles: true })));
        }
    }

    /* The form that was sent: the one to the same address that has most of its fields. */
    function formOf(kept) {
        const known = (form) => [...form.elements].filter((field) => field.name in kept.fields && field.type !== "hidden").length;
        const forms = [...document.querySelectorAll("form[method='post' i]")].filter(known);
        const same = forms.filter((form) => new URL(form.getAttribute("action") || location.href, location.href).pathname === kept.action);
        return (same.length ? same : forms).sort((one, other) => known(other) - known(one))[0];
    }

    function addRows(form, kept) {
        const add = form.querySelector("[data-add-row]");
        const wanted = Math.min(ROWS_MAX, Number(Object.entries(kept.fields).find(([name]) => name.endsWith("-TOTAL_FORMS"))?.[1][0] ?? 0));
        for (let tries = 0; add && tries < wanted && form.querySelectorAll("[data-rows] .row").length < wanted; tries += 1) {
            add.click();
        }
    }

    function typeAgain() {
        const given = document.getElementById("typed-again");
        const kept = given && JSON.parse(given.textContent);
        const form = kept && formOf(kept);
        if (!form) {
            return;
        }
        addRows(form, kept);
        [...form.elements].filter((field) => field.name).forEach((field) => {
            if (field.name in kept.fields || ["checkbox", "radio"].includes(field.type)) {
                fill(field, kept.fields[field.name] ?? []);
            }
        });
        changed.add(form);
        for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) {
            fold.open = true;
        }
        form.prepend(document.getElementById("typed-again-note"));
        form.scrollIntoView({ block: "nearest" });
    }

    document.addEventListener("input", noteChange);
    document.addEventListener("change", noteChange);
    document.addEventListener("submit", markSent, true);
    document.addEventListener("htmx:configRequest", (event) => {
        if (event.detail.verb === "post" && madeFor()) {
            event.detail.parameters.typed_by = madeFor();
        }
    });
    /* What was stored answers with a page to load; any other answer leaves what was typed as it is. */
    document.addEventListener("htmx:beforeOnLoad", (event) => {
        const form = postedForm(event.detail.elt);
        if (form && event.detail.xhr.getResponseHeader("HX-Redirect")) {
            changed.delete(form);
        }
    });
    addEventListener("beforeunload", askBeforeLeaving);
    addEventListener("load", () => setTimeout(typeAgain));
    addEventListener("load", () => {
        const refused = document.querySelector("form[method='post' i] [aria-invalid='true']")?.form;
        if (refused && !refused.matches(".entrance form")) {
            changed.add(refused);
        }
    });
})();
