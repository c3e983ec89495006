/* Alpine's expressions without `eval`: each is read once, and run as functions ever after (`readExpression`).

   What is read is the part of JavaScript that Unfold's templates speak: literals, names, members, calls, operators,
   assignments, arrow functions of one name, `if`, and statements in a row. A name is one of the scope or of GLOBALS.
   Anything else is an error in the console, and whatever leads out of an object's own members is refused. */

"use strict";

(() => {
    const GLOBALS = {
        localStorage: window.localStorage,
        window: { get location() { return window.location; } },
        getCurrentTab: () => window.getCurrentTab(),
    };
    const CONSTANTS = new Map([["true", true], ["false", false], ["null", null], ["undefined", undefined]]);
    const REFUSED = new Set(["constructor", "prototype", "__proto__", "ownerDocument", "defaultView", "view"]);
    const TOKEN = /\s*(?:(?<number>\d+(?:\.\d+)?)|(?<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?<name>[A-Za-z_$][\w$]*)|(?<sign>=>|[!=]==?|[<>]=?|&&|\|\||[-+=?:.,;()[\]{}]|!)|(?<end>$))/y;
    const BINARY = [
        { "||": (left, right) => left() || right() },
        { "&&": (left, right) => left() && right() },
        {
            "==": (left, right) => left() == right(),
            "!=": (left, right) => left() != right(),
            "===": (left, right) => left() === right(),
            "!==": (left, right) => left() !== right(),
        },
        {
            "<": (left, right) => left() < right(),
            ">": (left, right) => left() > right(),
            "<=": (left, right) => left() <= right(),
            ">=": (left, right) => left() >= right(),
        },
        { "+": (left, right) => left() + right(), "-": (left, right) => left() - right() },
    ];
    const UNARY = { "!": (value) => !value, "-": (value) => -value };

    function tokensOf(source) {
        const tokens = [];
        TOKEN.lastIndex = 0;
        do {
            const found = TOKEN.exec(source);
            if (!found) {
                throw new SyntaxError(`This expression cannot be read: ${source}`);
            }
            const [kind, value] = Object.entries(found.groups).find(([, part]) => part !== undefined);
            tokens.push({ kind, value });
        } while (tokens.at(-1).kind !== "end");
        return tokens;
    }

    function member(object, name) {
        if (REFUSED.has(String(name))) {
            throw new TypeError(`No expression reads ${name}.`);
        }
        return object[name];
    }

    /* A term is a function of the scope; what can be assigned to also has `assign`, what is called as a method `owner`. */

    function named(name) {
        const owner = (scope) => (name in scope || !Object.hasOwn(GLOBALS, name) ? scope : GLOBALS);
        const term = (scope) => {
            const holder = owner(scope);
            if (!(name in holder)) {
                throw new ReferenceError(`${name} is not defined`);
            }
            return holder[name];
        };
        const assign = (scope, value) => { scope[name] = value; };
        return Object.assign(term, { assign, owner });
    }

    function memberOf(object, name) {
        const term = (scope) => member(object(scope), name(scope));
        const owner = object;
        const assign = (scope, value) => {
            const holder = object(scope);
            member(holder, name(scope));
            holder[name(scope)] = value;
        };
        return Object.assign(term, { assign, owner });
    }

    function callOf(called, given) {
        return (scope) => {
            const holder = called.owner ? called.owner(scope) : undefined;
            return called(scope).apply(holder, given.map((each) => each(scope)));
        };
    }

    class Reader {
        constructor(source) {
            this.source = source;
            this.tokens = tokensOf(source);
            this.at = 0;
        }

        get next() {
            return this.tokens[this.at];
        }

        is(value, ahead = 0) {
            const token = this.tokens[this.at + ahead];
            return (token?.kind === "sign" || token?.kind === "name") && token.value === value;
        }

        takes(value) {
            const here = this.is(value);
            this.at += here ? 1 : 0;
            return here;
        }

        expect(value) {
            if (!this.takes(value)) {
                throw new SyntaxError(`Expected ${value} before ${this.next.value || "the end"}: ${this.source}`);
            }
        }

        take(kind) {
            if (this.next.kind !== kind) {
                throw new SyntaxError(`Expected a ${kind} before ${this.next.value || "the end"}: ${this.source}`);
            }
            return this.tokens[this.at++].value;
        }

        whole() {
            const statements = this.statements(() => this.next.kind === "end");
            return (scope) => statements.reduce((_, statement) => statement(scope), undefined);
        }

        statements(isOver) {
            const statements = [];
            while (!isOver()) {
                if (!this.takes(";")) {
                    statements.push(this.statement());
                }
            }
            return statements;
        }

        statement() {
            if (this.takes("if")) {
                return this.choice();
            }
            const expression = this.expression();
            if (this.next.kind !== "end" && !this.is("}")) {
                this.expect(";");
            }
            return expression;
        }

        choice() {
            this.expect("(");
            const condition = this.expression();
            this.expect(")");
            const done = this.block();
            const otherwise = this.takes("else") ? this.block() : () => undefined;
            return (scope) => (condition(scope) ? done(scope) : otherwise(scope));
        }

        block() {
            if (!this.takes("{")) {
                return this.statement();
            }
            const statements = this.statements(() => this.is("}"));
            this.expect("}");
            return (scope) => statements.forEach((statement) => statement(scope));
        }

        expression() {
            if (this.next.kind === "name" && this.is("=>", 1)) {
                return this.arrow();
            }
            const target = this.conditional();
            if (!target.assign || !this.takes("=")) {
                return target;
            }
            const value = this.expression();
            return (scope) => {
                const given = value(scope);
                target.assign(scope, given);
                return given;
            };
        }

        arrow() {
            const name = this.take("name");
            this.expect("=>");
            const body = this.expression();
            return (scope) => (given) => body(Alpine.mergeProxies([{ [name]: given }, scope]));
        }

        conditional() {
            const condition = this.binary(0);
            if (!this.takes("?")) {
                return condition;
            }
            const done = this.expression();
            this.expect(":");
            const otherwise = this.expression();
            return (scope) => (condition(scope) ? done(scope) : otherwise(scope));
        }

        binary(level) {
            if (level === BINARY.length) {
                return this.unary();
            }
            let left = this.binary(level + 1);
            while (this.next.kind === "sign" && Object.hasOwn(BINARY[level], this.next.value)) {
                const [before, operate] = [left, BINARY[level][this.take("sign")]];
                const after = this.binary(level + 1);
                left = (scope) => operate(() => before(scope), () => after(scope));
            }
            return left;
        }

        unary() {
            if (this.next.kind === "sign" && Object.hasOwn(UNARY, this.next.value)) {
                const operate = UNARY[this.take("sign")];
                const operand = this.unary();
                return (scope) => operate(operand(scope));
            }
            return this.chain(this.primary());
        }

        chain(first) {
            let term = first;
            for (;;) {
                if (this.takes(".")) {
                    const name = this.take("name");
                    term = memberOf(term, () => name);
                } else if (this.takes("[")) {
                    const name = this.expression();
                    this.expect("]");
                    term = memberOf(term, name);
                } else if (this.takes("(")) {
                    term = callOf(term, this.list(")"));
                } else {
                    return term;
                }
            }
        }

        list(end) {
            const terms = [];
            while (!this.takes(end)) {
                terms.push(this.expression());
                if (!this.is(end)) {
                    this.expect(",");
                }
            }
            return terms;
        }

        primary() {
            if (this.takes("(")) {
                const inner = this.expression();
                this.expect(")");
                return inner;
            }
            if (this.takes("[")) {
                const items = this.list("]");
                return (scope) => items.map((item) => item(scope));
            }
            if (this.takes("{")) {
                return this.object();
            }
            return this.atom();
        }

        object() {
            const entries = [];
            while (!this.takes("}")) {
                const name = this.next.kind === "text" ? this.text() : this.take("name");
                this.expect(":");
                entries.push([name, this.expression()]);
                if (!this.is("}")) {
                    this.expect(",");
                }
            }
            return (scope) => Object.fromEntries(entries.map(([name, value]) => [name, value(scope)]));
        }

        atom() {
            if (this.next.kind === "number") {
                const number = Number(this.take("number"));
                return () => number;
            }
            if (this.next.kind === "text") {
                const text = this.text();
                return () => text;
            }
            const name = this.take("name");
            return CONSTANTS.has(name) ? () => CONSTANTS.get(name) : named(name);
        }

        text() {
            return this.take("text").slice(1, -1).replace(/\\(.)/g, "$1");
        }
    }

    const known = new Map();

    /* Returns a function that takes a scope and returns the value. */
    window.readExpression = (source) => {
        if (!known.has(source)) {
            known.set(source, new Reader(source).whole());
        }
        return known.get(source);
    };
})();
