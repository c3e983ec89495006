/* The keyboard reaches everything of Unfold's frame, whose switches are spans and links without an address. */

"use strict";

(() => {
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

    /* The names of icons are text: beside words, a screen reader would read both. One that is a switch has its own. */
    function hushIcons(root) {
        root.querySelectorAll(".material-symbols-outlined:not([aria-hidden], [role])").forEach((icon) => {
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
})();
