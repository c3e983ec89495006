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
        makeReachable(document);
    });
    document.addEventListener("keydown", pressLikeButton);
    document.addEventListener("htmx:afterSwap", (event) => makeReachable(event.target));

    /* htmx ---------------------------------------------------------------------------------------------------------- */

    if (window.htmx) {
        htmx.config.includeIndicatorStyles = false;
        htmx.config.allowEval = false;
    }
})();
