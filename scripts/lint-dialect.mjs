/**
 * The rules of the dialect (CONTRIBUTING.md) that oxlint has none for: a plugin of it, named in .oxlintrc.json.
 * Each says what to write instead.
 */

/** `private` and `protected` end where the program runs; `#name` holds there too. */
const hashPrivate = {
  create(context) {
    const check = (node) => {
      const isConstructor = node.kind === 'constructor';
      const { accessibility } = node;
      if (accessibility === 'private' ? isConstructor : accessibility !== 'protected') {
        return;
      }
      const name = node.key?.name ?? 'name';
      const message =
        accessibility === 'private'
          ? `Write #${name}: what a class keeps to itself is #private; only a constructor is called private.`
          : `Nothing is protected here: write #${name}, or pass what a subclass would need to it as an object or a function.`;
      context.report({ node, message });
    };
    return {
      MethodDefinition: check,
      PropertyDefinition: check,
      AccessorProperty: check,
      TSAbstractMethodDefinition: check,
      TSAbstractPropertyDefinition: check,
      TSAbstractAccessorProperty: check,
    };
  },
};

/** By their names, no other function of node:test can be reached than the ones that the rule on imports lets through. */
const namedTest = {
  create(context) {
    const message =
      "Import the functions by their names: import { describe, test } from 'node:test'; a test is test(...).";
    return {
      ImportDeclaration(node) {
        const isWhole = node.specifiers.some(({ type }) => type !== 'ImportSpecifier');
        if (node.source.value === 'node:test' && isWhole) {
          context.report({ node, message });
        }
      },
      ImportSpecifier(node) {
        const isDefault = (node.imported.name ?? node.imported.value) === 'default';
        if (node.parent.source.value === 'node:test' && isDefault) {
          context.report({ node, message });
        }
      },
      ImportExpression(node) {
        if (node.source.value === 'node:test') {
          context.report({ node, message });
        }
      },
    };
  },
};

/** The lint of rooms reads the text of a file, and sees only an import whose name stands there. */
const plainImport = {
  create(context) {
    return {
      ImportExpression(node) {
        if (typeof node.source.value !== 'string') {
          context.report({
            node,
            message:
              "Write the name in single quotes, as in import('./file.js'): scripts/lint-rooms.mjs sees no other.",
          });
        }
      },
    };
  },
};

/** What `createRequire` of node:module loads, the lint of rooms does not see either. */
const noRequire = {
  create(context) {
    const check = (node) => {
      if (node.source.value === 'node:module' || node.source.value === 'module') {
        context.report({
          node,
          message:
            "Load it with import or await import('./file.js'), which scripts/lint-rooms.mjs sees; a file that cannot do without node:module is named in .oxlintrc.json, at dialect/no-require.",
        });
      }
    };
    return { ImportDeclaration: check, ImportExpression: check };
  },
};

export default {
  meta: { name: 'dialect' },
  rules: {
    'hash-private': hashPrivate,
    'named-test': namedTest,
    'plain-import': plainImport,
    'no-require': noRequire,
  },
};
