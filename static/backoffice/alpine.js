/* Alpine, inside Unfold, evaluates its attributes by `readExpression`, so that the policy needs no 'unsafe-eval'. */

"use strict";

(() => {
    /* A style that is bound as text would become an attribute, which the policy refuses; as an object it does not. */
    function stylesOf(text) {
        const declarations = String(text).split(";").filter((each) => each.includes(":"));
        return Object.fromEntries(declarations.map((each) => each.split(/:(.*)/s).map((part) => part.trim())));
    }

    function isTextOfStyle(element, expression, value) {
        return typeof value === "string" && element.getAttribute("x-bind:style") === expression;
    }

    function report(error, element, expression) {
        setTimeout(() => { throw Object.assign(error, { element, expression }); });
    }

    /* What Alpine calls with an element and what one of its attributes says (`Alpine.setEvaluator`). Returns what runs
       it and hands over the value, of a function what it returns. */
    function evaluator(element, expression) {
        const stack = [{ $el: element }, ...Alpine.closestDataStack(element)];
        return (receiver = () => {}, { scope = {}, params = [] } = {}) => {
            const whole = Alpine.mergeProxies([scope, ...stack]);
            try {
                const value = typeof expression === "function" ? expression : readExpression(expression)(whole);
                const given = typeof value === "function" ? value.apply(whole, params) : value;
                receiver(isTextOfStyle(element, expression, given) ? stylesOf(given) : given);
            } catch (error) {
                report(error, element, expression);
            }
        };
    }

    document.addEventListener("alpine:init", () => {
        ["theme", "searchForm", "searchDropdown", "searchCommand"].forEach((name) => Alpine.data(name, window[name]));
        Alpine.setEvaluator(evaluator);
    });
})();
