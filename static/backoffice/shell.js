/* The keyboard and screen readers reach everything of Unfold's frame, whose switches are spans and links without an
   address, and whose icons are text. */

"use strict";

(() => {
    const SWITCHES = [
        ["#header-inner span[x-on\\:click*='sidebar']", "Menu"],
        ["#nav-sidebar span[x-on\\:click*='sidebarMobileOpen']", "Close menu"],
        ["#nav-sidebar div[x-on\\:click*='openUserLinks']", ""],
        ["#nav-sidebar h2[x-on\\:click]", ""],
        ["#changelist a[x-on\\:click*='filterOpen']", ""],
        ["a[x-on\\:click*='switchTheme']", ""],
        ["[x-on\\:click*='openTheme =']", "Theme"],
        ["[x-on\\:click*='showActions =']", "More"],
        ["a[x-on\\:click]:not([href])", ""],
    ];
    const MENUS = [
        ["#nav-sidebar-inner", "Console"],
        ["#nav-sidebar nav[x-show='openUserLinks']", "Account"],
        ["nav[x-show='openTheme']", "Theme"],
    ];
    const NAMES = { more_horiz: "More", search: "Search" }; // of what has an icon and no title

    function makeSwitch(element, label) {
        element.setAttribute("role", "button");
        if (label) {
            element.setAttribute("aria-label", label);
        }
        if (!element.matches("button, a[href]")) {
            element.tabIndex = 0;
        }
    }

    function makeReachable(root) {
        SWITCHES.forEach(([selector, label]) => {
            root.querySelectorAll(`${selector}:not([role])`).forEach((element) => makeSwitch(element, label));
        });
    }

    /* The names of icons are text that a screen reader would read. What has nothing but an icon is named by its title. */
    function hushIcons(root) {
        root.querySelectorAll(".material-symbols-outlined:not([aria-hidden], [role])").forEach((icon) => {
            const parent = icon.closest("a, button, [role='button']");
            const name = icon.textContent.trim();
            if (parent && !parent.ariaLabel && parent.textContent.trim() === name) {
                parent.ariaLabel = parent.title || NAMES[name] || "";
            }
            icon.ariaHidden = "true";
        });
    }

    /* The symbol of the console leads where its name beside it leads: one link of the two is enough. */
    function hushSymbol() {
        const symbol = document.querySelector("#nav-sidebar a:has(> .material-symbols-outlined):has(+ div #site-name)");
        if (symbol) {
            symbol.tabIndex = -1;
            symbol.ariaHidden = "true";
        }
    }

    /* Of several menus each says which it is. What a list is filtered by comes right below the heading of the page. */
    function nameParts() {
        MENUS.forEach(([selector, name]) => document.querySelector(selector)?.setAttribute("aria-label", name));
        document.querySelectorAll("#changelist-filter h3").forEach((heading) => {
            heading.setAttribute("role", "heading");
            heading.setAttribute("aria-level", "2");
        });
    }

    function nameSearch() {
        const search = document.getElementById("searchbar");
        if (search && !search.hasAttribute("aria-label")) {
            search.setAttribute("aria-label", "Search");
        }
    }

    /* What scrolls is reached by Tab where nothing inside is, and where a table is wider than the page. */
    function nameScrollers() {
        document.querySelectorAll(".simplebar-content-wrapper, :not([class^='simplebar']) > table, pre").forEach((found) => {
            const scroller = found.matches("table") ? found.parentElement : found;
            const scrolls = scroller.scrollWidth > scroller.clientWidth || scroller.scrollHeight > scroller.clientHeight;
            if (scrolls && !scroller.closest("nav")) {
                scroller.tabIndex = 0;
                scroller.setAttribute("role", "region");
                scroller.setAttribute("aria-label", "Scrolls sideways");
            } else {
                ["tabindex", "role", "aria-label"].forEach((name) => scroller.removeAttribute(name));
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

    /* In Unfold's own pages, all that stands beside the menu is the main part, with its head. */
    function markMain() {
        if (!document.querySelector("main")) {
            document.getElementById("main")?.setAttribute("role", "main");
            document.querySelector("#main > header")?.setAttribute("role", "none");
        }
    }

    /* The first press of Tab offers to pass over the menu. */
    function offerToSkip() {
        const content = document.getElementById("content");
        if (content) {
            content.tabIndex = -1;
            const link = { href: "#content", className: "skip-link", textContent: "Skip to the content" };
            document.body.prepend(Object.assign(document.createElement("a"), link));
        }
    }

    document.addEventListener("DOMContentLoaded", () => {
        markMain();
        offerToSkip();
        nameParts();
        nameSearch();
        makeReachable(document);
        hushSymbol();
        hushIcons(document);
    });
    document.addEventListener("keydown", pressLikeButton);
    document.addEventListener("htmx:afterSwap", (event) => {
        makeReachable(event.target);
        hushIcons(event.target);
    });
    addEventListener("load", nameScrollers);
    addEventListener("resize", nameScrollers);
})();
