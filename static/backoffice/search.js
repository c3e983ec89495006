/* The search of a console: a dialog that Ctrl+K or its button opens, a field, and a list that the arrow keys go through.

   What is found comes from the server by htmx; how much is said to screen readers when it has come. */

"use strict";

(() => {
    const SIGNED_OUT = 401;
    const FAILED = "The search did not answer. Try again.";

    function begin(dialog) {
        const field = dialog.querySelector("input");
        const results = dialog.querySelector("[role=listbox]");
        const status = dialog.querySelector("[role=status]");
        const options = () => [...results.querySelectorAll("[role=option]")];
        const chosen = () => results.querySelector("[aria-selected=true]");

        function choose(option) {
            chosen()?.setAttribute("aria-selected", "false");
            option?.setAttribute("aria-selected", "true");
            option?.scrollIntoView({ block: "nearest" });
            if (option) {
                field.setAttribute("aria-activedescendant", option.id);
            } else {
                field.removeAttribute("aria-activedescendant");
            }
        }

        function move(step) {
            const all = options();
            const at = all.indexOf(chosen());
            choose(all[(at + step + all.length) % all.length]);
        }

        function press(event) {
            const steps = { ArrowDown: 1, ArrowUp: -1 };
            if (event.key in steps && options().length) {
                event.preventDefault();
                move(steps[event.key]);
            } else if (event.key === "Enter" && chosen()) {
                event.preventDefault();
                if (event.ctrlKey || event.metaKey) {
                    window.open(chosen().href, "_blank", "noopener");
                } else {
                    chosen().click();
                }
            }
        }

        /* The first is chosen: Enter leads there at once. */
        function show() {
            const all = options();
            field.setAttribute("aria-expanded", String(all.length > 0));
            choose(all[0]);
            status.textContent = results.querySelector("[data-said]")?.dataset.said ?? "";
        }

        /* Who has no role here any more is sent elsewhere, which belongs on the page. */
        function check(event) {
            const { xhr } = event.detail;
            if (xhr.responseURL && new URL(xhr.responseURL).pathname !== new URL(field.getAttribute("hx-get"), location).pathname) {
                event.detail.shouldSwap = false;
                location.reload();
            }
        }

        /* Where the session has ended, the page itself leads to the sign-in, and back. */
        function fail(event) {
            if (event.detail.xhr.status === SIGNED_OUT) {
                location.reload();
            } else {
                status.textContent = FAILED;
            }
        }

        field.addEventListener("keydown", press);
        results.addEventListener("htmx:beforeSwap", check);
        results.addEventListener("htmx:afterSwap", show);
        ["htmx:responseError", "htmx:sendError"].forEach((name) => {
            field.addEventListener(name, fail);
        });
        dialog.querySelector(".search-close").addEventListener("click", () => dialog.close());
        dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
        return () => {
            if (dialog.open) {
                dialog.close();
                return;
            }
            dialog.showModal();
            field.focus();
            field.select();
        };
    }

    document.addEventListener("DOMContentLoaded", () => {
        const dialog = document.querySelector("dialog.search");
        if (!dialog) {
            return;
        }
        const toggle = begin(dialog);
        document.querySelectorAll(`[data-search="${dialog.id}"]`).forEach((button) => {
            button.addEventListener("click", toggle);
            if (navigator.platform.startsWith("Mac")) {
                button.querySelector("kbd").textContent = "⌘K";
            }
        });
        document.addEventListener("keydown", (event) => {
            if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
                event.preventDefault();
                toggle();
            }
        });
    });
})();
