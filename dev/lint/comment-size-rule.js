/** Reports a comment of too many lines, and a line with a comment of too many characters. */
export const commentSizeRule = {
  meta: {
    type: 'suggestion',
    schema: [
      {
        type: 'object',
        properties: { lines: { type: 'integer' }, characters: { type: 'integer' } },
        required: ['lines', 'characters'],
        additionalProperties: false,
      },
    ],
    messages: {
      lines: 'This comment has {{count}} lines of text; the most is {{most}}. Say why, once, or move it to docs/.',
      characters: 'This line with a comment has {{count}} characters; the most is {{most}}.',
    },
  },
  create(context) {
    const [{ lines, characters }] = context.options;
    const { sourceCode } = context;
    const report = (loc, messageId, count, most) => void context.report({ loc, messageId, data: { count, most } });
    return {
      Program() {
        for (const { loc, count } of blocks(sourceCode)) {
          if (count > lines) report(loc, 'lines', count, lines);
          for (let line = loc.start.line; line <= loc.end.line; line += 1) {
            const { length } = sourceCode.lines[line - 1];
            if (length > characters) report({ line, column: characters }, 'characters', length, characters);
          }
        }
      },
    };
  },
};

/** The file's comments. `//` comments on lines that follow each other are one. Lines without a word don't count. */
function blocks(sourceCode) {
  const found = [];
  for (const { type, value, loc } of sourceCode.getAllComments()) {
    const count = value.split('\n').filter((line) => /\w/.test(line)).length;
    const before = found.at(-1);
    const ownLine = sourceCode.lines[loc.start.line - 1].slice(0, loc.start.column).trim() === '';
    if (type === 'Line' && ownLine && before?.type === 'Line' && before.loc.end.line === loc.start.line - 1) {
      before.loc = { start: before.loc.start, end: loc.end };
      before.count += count;
    } else {
      found.push({ type, loc, count });
    }
  }
  return found;
}
