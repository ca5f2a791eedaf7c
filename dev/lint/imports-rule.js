import path from 'node:path';
import { MAY_IMPORT } from './may-import.js';

/** Reports an import that may-import.js does not name: static, dynamic, re-exported, or in a type. */
export const importsRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      refused: '{{folder}} may not import {{source}}. It may import: {{allowed}}.',
      noFolder: '{{file}} is in no folder of dev/lint/may-import.js. Add one: folder → what it may import.',
    },
  },
  create(context) {
    const file = path.relative(context.cwd, context.filename);
    const folder = folderOf(file);
    if (folder === undefined) {
      return { Program: (node) => void context.report({ node, messageId: 'noFolder', data: { file } }) };
    }
    const check = (node, source, isType) => {
      if (typeof source !== 'string' || mayImport({ file, folder, source, isType })) return;
      const allowed = MAY_IMPORT[folder].join(', ') || 'nothing but itself';
      context.report({ node, messageId: 'refused', data: { folder, source, allowed } });
    };
    return {
      ImportDeclaration: (node) => void check(node, node.source.value, isTypeOnly(node, node.importKind)),
      ExportNamedDeclaration: (node) => void check(node, node.source?.value, isTypeOnly(node, node.exportKind)),
      ExportAllDeclaration: (node) => void check(node, node.source.value, node.exportKind === 'type'),
      ImportExpression: (node) => void check(node, node.source.value, false),
      TSImportType: (node) => void check(node, node.source.value, true),
    };
  },
};

function mayImport({ file, folder, source, isType }) {
  const allowed = MAY_IMPORT[folder].flatMap((entry) => {
    const typesOf = /^types of (.+)$/.exec(entry)?.[1];
    return typesOf === undefined ? [entry] : isType ? [typesOf] : [];
  });
  if (!source.startsWith('.')) return allowed.some((entry) => isPackage(source, entry));
  const target = folderOf(path.join(path.dirname(file), source).replace(/\.js$/, '.ts'));
  return target !== undefined && (target === folder || allowed.some((entry) => isFolder(target, entry)));
}

/** The longest entry of the table that is this file or one of its parents. */
function folderOf(file) {
  const parents = Object.keys(MAY_IMPORT).filter((name) => file === name || file.startsWith(`${name}/`));
  return parents.sort((a, b) => b.length - a.length)[0];
}

function isPackage(source, entry) {
  if (entry === 'any package') return !source.startsWith('node:');
  if (entry.endsWith('*')) return source.startsWith(entry.slice(0, -1));
  return source === entry || source.startsWith(`${entry}/`);
}

const isFolder = (target, entry) =>
  target === entry || (entry.endsWith('/**') && target.startsWith(entry.slice(0, -2)));

function isTypeOnly({ specifiers }, kind) {
  if (kind === 'type') return true;
  return specifiers.length > 0 && specifiers.every((one) => (one.importKind ?? one.exportKind) === 'type');
}
