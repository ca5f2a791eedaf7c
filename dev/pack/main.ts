import { packClient, packWhole } from './pack.js';

/** `npm run tarballs`: packs both packages into this folder. npm has built dist before. */
for (const pack of [packWhole, packClient]) console.log(await pack(process.cwd()));
