/**
 * The single file: a page that plays an annotated episode with nothing beside it. Its content policy lets it load
 * nothing from anywhere, so that what it shows is what it holds.
 */

export interface AnnotatedDocument {
  readonly title: string;
  /** One line, shown where scripts do not run, and by what previews links. */
  readonly description: string;
  /** The player, a classic script. */
  readonly script: string;
  readonly style: string;
  /** The packed episode, gzip, base64. */
  readonly episode: string;
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** Neither ends the element that it stands in. */
const inScript = (code: string): string => code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');

export function annotatedDocument({ title, description, script, style, episode }: AnnotatedDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="${escaped(description)}">
<title>${escaped(title)}</title>
<style>${style.replaceAll('</style', '<\\/style')}</style>
</head>
<body>
<noscript><p>${escaped(description)} This file plays it with a script, which this browser does not run.</p></noscript>
<main id="saccade" aria-busy="true"></main>
<script type="application/octet-stream" id="episode">${episode}</script>
<script>${inScript(script)}</script>
</body>
</html>
`;
}
