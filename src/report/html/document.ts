/** What all pages have in common. */
import { escaped, tag } from './markup.js';
import { PAGE_STYLE, PICTURE_STYLE } from './style.js';

/**
 * A self-contained page.
 * @param generator an element of the head that says which command made it
 * @param body markup; empty parts are left out
 */
export function documentOf(title: string, generator: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${generator}
<link rel="icon" href="data:,">
<title>${escaped(title)}</title>
<style>${PICTURE_STYLE}${PAGE_STYLE}</style>
</head>
<body>
<main>
${body.filter((part) => part !== '').join('\n')}
</main>
</body>
</html>
`;
}

export function section(title: string, intro: string, ...content: readonly string[]): string {
  return tag('section', {}, tag('h2', {}, escaped(title)), tag('p', {}, escaped(intro)), ...content);
}

export function details(summary: string, content: string): string {
  return tag('details', {}, tag('summary', {}, summary), tag('div', { class: 'tables' }, content));
}

/** A figure with its name above and its unit below: escaped by whoever gives it. */
export function cards(entries: readonly (readonly [name: string, value: string, unit: string])[]): string {
  const drawn = entries.map(([name, value, unit]) =>
    tag(
      'div',
      { class: 'card' },
      tag('span', {}, name),
      tag('b', {}, value),
      tag('small', {}, escaped(unit)),
    ),
  );
  return tag('div', { class: 'cards' }, ...drawn);
}
