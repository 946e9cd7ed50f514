/** What every picture needs, alone or in the page: colours of the kinds of buffers, in light and dark. */
export const PICTURE_STYLE = `
:root{color-scheme:light dark;--ink:#1d2733;--soft:#5b6875;--line:#d8dee5;--paper:#fff;--card:#f5f7f9;--accent:#c2410c;
--input:#0072b2;--image:#6db7e3;--ring:#e69f00;--scratch:#a3acb5;--output:#009e73;--state:#cc79a7;--code:#7c6bc4;--on:#fff;--over:#12202c}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#9aa7b4;--line:#36414d;--paper:#12181f;--card:#1b232c;--accent:#fb923c;
--input:#2f8fce;--image:#4d94bd;--scratch:#6e7983;--output:#17a67c;--code:#8f80d6;--over:#0b1218}}
svg{font:11px system-ui,sans-serif;fill:var(--ink)}
svg .axis{fill:var(--soft)}svg .end{text-anchor:end}svg .middle,svg .name{text-anchor:middle}
.grid{stroke:var(--line)}
.buffer rect{stroke:var(--paper);stroke-width:1.5;fill-opacity:.88}
.buffer:hover rect,.buffer:focus rect{stroke:var(--ink);fill-opacity:1}.buffer:focus,.constant:focus,.point:focus{outline:none}
.buffer .name{fill:var(--over);pointer-events:none}.input .name,.output .name{fill:var(--on)}
.input rect{fill:var(--input)}.image rect{fill:var(--image)}.ring rect{fill:var(--ring)}.scratch rect{fill:var(--scratch)}
.output rect{fill:var(--output)}.state rect{fill:var(--state)}
.stage{fill:var(--ring);fill-opacity:.1;stroke:var(--ring);stroke-dasharray:4 3}
.peak rect{fill:none;stroke:var(--accent);stroke-width:1.5;stroke-dasharray:2 2;pointer-events:none}
.peak path,.peak text{fill:var(--accent);font-weight:600}
.limit line{stroke:var(--accent);stroke-width:1.5}.limit text{fill:var(--accent);font-weight:600}
`;

/** The rest of the page. */
export const PAGE_STYLE = `
*{box-sizing:border-box}
body{margin:0 auto;max-width:1280px;padding:2rem 1.5rem 4rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{margin:0;font-size:1.7rem;letter-spacing:-.01em}h2{margin:2.4rem 0 .4rem;font-size:1.15rem}
p,figcaption{color:var(--soft);margin:.2rem 0 .6rem;max-width:80ch}.verdict{font-weight:600;color:var(--output)}.verdict.no{color:var(--accent)}
.cards{display:flex;flex-wrap:wrap;gap:.7rem;margin:1.2rem 0}.card{background:var(--card);border-radius:10px;padding:.6rem 1rem;min-width:8.5rem}
.card span,.card small{display:block;color:var(--soft);font-size:.8rem}.card b{font-size:1.25rem;font-variant-numeric:tabular-nums}
.gauge p{margin:.6rem 0 .2rem;max-width:none}.gauge p b{color:var(--ink)}.fill{position:relative;display:flex;height:16px;border-radius:5px;overflow:hidden;background:var(--line)}
.fill i{display:block;height:100%;border-right:1px solid var(--paper)}.fill u{position:absolute;top:0;bottom:0;width:3px;background:var(--accent)}
.part.arena{background:var(--image)}.part.stack,.start-up-data{background:var(--scratch)}.hot-code,.part.code,.start-up-code{background:var(--code)}.part.constants{background:var(--output)}
.start-up-code,.start-up-data{opacity:.6}
figure{margin:0}.wide{overflow-x:auto;border:1px solid var(--line);border-radius:10px;padding:.5rem}
.wide svg{display:block;width:100%;height:auto}.stages{display:flex;flex-wrap:wrap;gap:1rem}.stages figure{max-width:100%}.stages svg{width:auto}.stages figcaption{max-width:30rem;font-size:.85rem}.fits svg{width:100%;height:auto}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;padding:0;margin:.5rem 0;list-style:none;color:var(--soft);font-size:.85rem}
.legend i{display:inline-block;width:.9em;height:.9em;border-radius:3px;margin-right:.35em;vertical-align:-.1em}
fieldset{border:0;padding:0;margin:.3rem 0 .5rem;display:flex;gap:1.1rem;color:var(--soft)}
#by-time:checked~.wide [data-pace=step],#by-step:checked~.wide [data-pace=time]{display:none}
.pace>input{position:absolute;opacity:0}.pace>label{display:inline-block;padding:.15rem .8rem;margin:.2rem .3rem .6rem 0;border:1px solid var(--line);border-radius:99px;cursor:pointer;color:var(--soft)}
.pace>input:checked+label{background:var(--ink);border-color:var(--ink);color:var(--paper)}.pace>input:focus-visible+label{outline:2px solid var(--input)}
.rings .whole{fill:var(--card);stroke:var(--line)}.rings .gone{fill:var(--line)}.rings .image{fill:var(--image)}.rings .ring{fill:var(--ring)}
.rings .held{fill-opacity:.55}.rings .halo{fill:var(--input);fill-opacity:.18;stroke:var(--input);stroke-opacity:.5}
.tiled{display:flex;flex-wrap:wrap;gap:.4rem .9rem;border:1px solid var(--line);border-radius:10px;padding:.7rem}
.tiled .whole{fill:var(--line)}.parts{fill:var(--image);opacity:.45}.again{fill:var(--ring);fill-opacity:.65}.tile{fill:transparent;stroke:var(--soft);stroke-width:.75}
.tile:hover{fill:var(--input);fill-opacity:.18}.framed{stroke:var(--accent);stroke-width:2.5}
.constant rect{fill:var(--output);stroke:var(--paper)}.constant:nth-child(even) rect{fill-opacity:.72}.constant .name{fill:var(--on)}.constant:hover rect,.constant:focus rect{stroke:var(--ink)}
.front{fill:none;stroke:var(--image);stroke-width:2}.point circle{fill:var(--image);stroke:var(--paper);stroke-width:1.5}.taken circle{fill:var(--accent)}.point:hover circle,.point:focus circle{stroke:var(--ink)}
table{border-collapse:collapse;font-size:.82rem;width:100%}th,td{padding:.18rem .6rem;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap;font-variant-numeric:tabular-nums}
th{color:var(--soft);font-weight:500}tfoot td{font-weight:600}.number{color:var(--soft)}
.track{display:inline-block;width:64px;height:8px;margin-right:.5em;background:var(--card);border-radius:4px;overflow:hidden}
.bar{display:block;height:100%}.bar.time{background:var(--input)}.bar.flash{background:var(--output)}.bar.ram{background:var(--ring)}
summary{cursor:pointer;color:var(--soft);margin:.5rem 0}.tables{overflow-x:auto}
@media print{body{max-width:none;padding:0}.wide{overflow:visible;border:0;padding:0}.wide svg{width:100%;height:auto}.pace>label{display:none}
tr,figure,.gauge{break-inside:avoid}i,u,rect,.fill,.track{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
