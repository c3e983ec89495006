/* Copy buttons. */

"use strict";

(() => {
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

    document.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button && "copy" in button.dataset) {
            copy(button);
        }
    });
})();
