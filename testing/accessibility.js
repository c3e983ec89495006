/* What axe-core does not look at: widths, rings around what has the focus, and what only a mouse can press.
   Each function returns a list of [what is wrong, at which element]. */

"use strict";

window.accessibility = (() => {
    const FOCUSABLE = "a[href], button, input, select, textarea, summary, iframe, [tabindex]";
    const FRAMES = 7; // a field may have its ring around what it stands in

    function nameOf(element) {
        const id = element.id ? `#${element.id}` : "";
        const classes = element.id ? "" : [...element.classList].slice(0, 3).map((each) => `.${each}`).join("");
        const words = (element.ariaLabel || element.textContent).trim().replace(/\s+/g, " ").slice(0, 40);
        return `${element.localName}${id}${classes} "${words}"`;
    }

    function isShown(element) {
        return element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    }

    /* What reaches beyond the screen, but for what is in a box of its own that scrolls. */
    function wide() {
        const width = document.documentElement.scrollWidth;
        if (width <= innerWidth) {
            return [];
        }
        const over = [...document.querySelectorAll("body *")].filter((each) => (
            each.getBoundingClientRect().right > innerWidth + 1 && isShown(each)
        ));
        const last = over.filter((each) => ![...each.children].some((child) => over.includes(child)));
        return [[`is ${width - innerWidth} pixels wider than the screen`, nameOf(last[0] ?? document.body)]];
    }

    function look(element) {
        const style = getComputedStyle(element);
        return [style.boxShadow, style.borderColor, style.backgroundColor, style.textDecorationLine].join();
    }

    function hasRing(element) {
        const style = getComputedStyle(element);
        const isSeen = !/transparent|rgba\(.*, 0\)|\/ 0\)/.test(style.outlineColor);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 && isSeen;
    }

    /* What has the focus and does not show it, by itself or by what is around it (WCAG 2.2, 2.4.7). */
    function ringless() {
        const found = [];
        const reachable = [...document.querySelectorAll(FOCUSABLE)].filter((each) => each.tabIndex >= 0 && isShown(each));
        for (const element of reachable) {
            const around = [element];
            while (around.length < FRAMES && around.at(-1).parentElement) {
                around.push(around.at(-1).parentElement);
            }
            document.activeElement?.blur();
            const before = around.map(look);
            element.focus({ focusVisible: true, preventScroll: true });
            const shows = around.some((each, index) => hasRing(each) || look(each) !== before[index]);
            if (document.activeElement === element && !shows) {
                found.push(["does not show that it has the focus", nameOf(element)]);
            }
        }
        document.activeElement?.blur();
        return found;
    }

    /* What looks as if it could be pressed, and no key reaches (WCAG 2.2, 2.1.1); options are reached by arrow keys. */
    function mouseOnly() {
        const isPointed = (element) => getComputedStyle(element).cursor === "pointer";
        return [...document.querySelectorAll("body *")]
            .filter((each) => isPointed(each) && !isPointed(each.parentElement) && isShown(each))
            .filter((each) => !each.closest(`label, [role="option"], ${FOCUSABLE}`) && !each.querySelector(FOCUSABLE))
            .map((each) => ["can be pressed by a mouse only", nameOf(each)]);
    }

    return { wide, ringless, mouseOnly };
})();
