import { commentSizeRule } from './comment-size-rule.js';
import { importsRule } from './imports-rule.js';

/** The project's own rules. The linter takes a plugin's default export. */
export default { meta: { name: 'project' }, rules: { imports: importsRule, 'comment-size': commentSizeRule } };
