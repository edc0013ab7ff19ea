/** Lint rules of our own. Their messages teach: they say what to do instead. */
import { basename } from 'node:path';
import tsdoc from 'eslint-plugin-tsdoc';

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.(ts|js|cjs|mjs)$/;

/** Files are named in kebab-case; an element's file bears its tag. */
const fileName = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      kebab:
        'Rename "{{name}}": files are kebab-case, and an element\'s file bears its tag without "parley-".',
      vague:
        'Rename "{{name}}" after what it does: utils, helpers, common and manager tell a reader nothing.',
    },
  },
  create(context) {
    return {
      Program(node) {
        const name = basename(context.filename);
        if (!kebabCase.test(name)) context.report({ node, messageId: 'kebab', data: { name } });
        if (/^(utils?|helpers?|common|manager)\./.test(name))
          context.report({ node, messageId: 'vague', data: { name } });
      },
    };
  },
};

/** At most three parameters, so that a call can be read without its declaration. */
const fewParameters = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      many: 'Take an options object after the third parameter: `run(first, second, { third, fourth })`.',
    },
  },
  create(context) {
    const check = (node) => {
      if (node.params.length > 3) context.report({ node, messageId: 'many' });
    };
    return {
      FunctionDeclaration: check,
      FunctionExpression: check,
      ArrowFunctionExpression: check,
    };
  },
};

const ownLinesMax = 70;

/** A function fits a screen. What stands in a function inside it counts there: a factory of closures is a module. */
const shortFunctions = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      long: 'Split this function ({{lines}} lines of its own, at most {{max}}): branches in the parent, pure work in the leaves.',
    },
  },
  create(context) {
    const nested = [0];
    const enter = () => nested.push(0);
    const leave = (node) => {
      const lines = node.loc.end.line - node.loc.start.line + 1;
      const own = lines - nested.pop();
      nested[nested.length - 1] += lines > 1 ? lines - 1 : 0;
      if (own > ownLinesMax)
        context.report({
          loc: context.sourceCode.getFirstToken(node).loc,
          messageId: 'long',
          data: { lines: own, max: ownLinesMax },
        });
    };
    const rules = {};
    for (const type of ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']) {
      rules[type] = enter;
      rules[`${type}:exit`] = leave;
    }
    return rules;
  },
};

/** What is left for later in a comment is never read again. */
const finished = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      unfinished:
        'Finish it now or open an issue: what is left for later in a comment is never read again.',
    },
  },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments())
          if (/\b(?:TO[D]O|FIX[M]E|X{3}|HAC[K])\b/.test(comment.value))
            context.report({ loc: comment.loc, messageId: 'unfinished' });
      },
    };
  },
};

/** What of TSDoc's messages is about tags; the rest is typography: hyphens, braces, arrows, code spans. */
const structural =
  /undefined-tag|unsupported-tag|param-tag-(?!missing-hyphen)|extra-inheritdoc|missing-(deprecation|reference)/;

/** Tags are ones that exist and are used as they are meant. */
const docstring = {
  meta: tsdoc.rules.syntax.meta,
  create(context) {
    const { sourceCode } = context;
    return tsdoc.rules.syntax.create({
      filename: context.filename,
      // Without the compiler's program at hand the rule reads tsdoc.json from here.
      cwd: context.cwd,
      sourceCode: {
        text: sourceCode.text,
        getAllComments: () => sourceCode.getAllComments(),
        getLocFromIndex: (index) => sourceCode.getLocFromIndex(index),
      },
      report(problem) {
        if (structural.test(problem.messageId)) context.report(problem);
      },
    });
  },
};

export const parley = {
  meta: { name: 'parley' },
  rules: {
    'file-name': fileName,
    'few-parameters': fewParameters,
    'short-functions': shortFunctions,
    finished: finished,
    docstring,
  },
};
