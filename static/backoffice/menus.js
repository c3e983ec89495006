/* What opens over a page, for the keyboard: opening it goes into it, Escape closes it and goes back to what opened it,
   and so does leaving it by Tab, so that nothing lies over what has the focus. */

"use strict";

(() => {
    const MENUS = [ // what opens it, the name of its state in Alpine, and what is opened
        ["#nav-sidebar [x-on\\:click*='openUserLinks =']", "openUserLinks", "[x-show='openUserLinks']"],
        ["[x-on\\:click*='openTheme =']", "openTheme", "[x-show='openTheme']"],
        ["[x-on\\:click*='showActions =']", "showActions", "ul[x-bind\\:class*='showActions']"],
        ["#changelist [x-on\\:click*='filterOpen = true']", "filterOpen", "[x-show='filterOpen']"],
        ["#header-inner [x-on\\:click*='sidebarMobileOpen =']", "sidebarMobileOpen", "#nav-sidebar"],
    ];
    const APART = ".select2-dropdown, .calendarbox, .clockbox"; // what a field inside opens stands at the end of the page
    const FOCUSABLE = "a[href], button, input:not([type='hidden']), select, textarea, [tabindex='0']";

    function firstIn(panel) {
        return [...panel.querySelectorAll(FOCUSABLE)].find((each) => each.checkVisibility({ visibilityProperty: true }));
    }

    function connect(opener, state, panel) {
        const data = Alpine.$data(opener);
        const close = () => { data[state] = false; };
        const isInside = (element) => panel.contains(element) || opener.contains(element) || element.closest(APART);
        let wasOpen = data[state];
        panel.id ||= `menu-${state}`;
        opener.setAttribute("aria-controls", panel.id);
        Alpine.effect(() => {
            const isOpen = Boolean(data[state]);
            opener.setAttribute("aria-expanded", isOpen);
            if (isOpen && !wasOpen) {
                setTimeout(() => firstIn(panel)?.focus());
            }
            wasOpen = isOpen;
        });
        panel.addEventListener("focusout", (event) => {
            if (data[state] && event.relatedTarget && !isInside(event.relatedTarget)) {
                close();
            }
        });
        document.addEventListener("keydown", (event) => {
            if (event.key === "Escape" && data[state] && !event.target.closest?.(APART)) {
                event.stopPropagation();
                close();
                opener.focus();
            }
        }, { capture: true });
    }

    /* Escape closes what a field has opened, and not also what the field is in. */
    document.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && event.target.closest?.(APART)) {
            event.stopPropagation();
        }
    });

    /* The account menu stands before what opens it, above which it is shown: Tab goes on to it all the same. */
    function orderAccountMenu() {
        const opener = document.querySelector(MENUS[0][0]);
        opener?.parentElement.prepend(opener);
    }

    /* The theme that is chosen is shown by its colour: say it, too. */
    function markTheme(choice) {
        const [theme] = choice.getAttribute("x-on:click").match(/light|dark|auto/);
        Alpine.effect(() => choice.setAttribute("aria-pressed", Alpine.$data(choice).adminTheme === theme));
    }

    document.addEventListener("alpine:initialized", () => {
        orderAccountMenu();
        MENUS.forEach(([selector, state, shown]) => {
            const opener = document.querySelector(selector), panel = document.querySelector(shown);
            if (opener && panel) {
                connect(opener, state, panel);
            }
        });
        document.querySelectorAll("a[x-on\\:click*='heme']:not([x-on\\:click*='openTheme'])").forEach(markTheme);
    });
})();
