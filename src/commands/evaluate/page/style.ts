/** The page's style, for light and for dark screens. */
export const style = `
:root{color-scheme:light dark;--back:#fcfcfb;--card:#fff;--text:#1a1d21;--dim:#5b636d;--line:#dfe2e6;
--right:46,125,80;--wrong:200,60,50;
--c0:#2563c9;--c1:#d1622b;--c2:#2e8b57;--c3:#a13fa0;--c4:#b58a00;--c5:#0f8b9d;--c6:#c2375f;--c7:#6b6f78}
@media(prefers-color-scheme:dark){:root{--back:#15181c;--card:#1d2126;--text:#e6e8eb;--dim:#9aa3ad;--line:#343a42;
--right:70,170,110;--wrong:235,95,85;
--c0:#6ea3ff;--c1:#ff9a66;--c2:#63c992;--c3:#d98ad8;--c4:#e0bd48;--c5:#5bc6d6;--c6:#ff86a8;--c7:#a4aab3}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1100px;padding:24px 20px 60px;background:var(--back);color:var(--text);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:24px;margin:0 0 4px}h1,p,li{overflow-wrap:anywhere}h2{font-size:19px;margin:36px 0 10px}
p,ul{margin:6px 0}.dim,figcaption,small{color:var(--dim)}
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
.charts figure{min-width:0}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:5px 12px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600;color:var(--dim)}th.text,td.text{text-align:left}
.charts{display:flex;flex-wrap:wrap;gap:18px;align-items:flex-start}
figure{margin:0;padding:14px;background:var(--card);border:1px solid var(--line);border-radius:8px;max-width:100%}
figcaption{font-size:13px;margin-bottom:8px}
.confusion td{text-align:center;min-width:84px}.confusion small{display:block}
.confusion .right{background:rgba(var(--right),calc(var(--share)*.55))}
.confusion .wrong{background:rgba(var(--wrong),calc(var(--share)*.75))}
.confusion td small{color:inherit;opacity:.75}
svg{width:316px;max-width:100%;height:auto;display:block}
svg.wide{width:440px}.bars{fill:currentColor;opacity:.6}
svg text{fill:var(--dim);font-size:11px}svg .name{font-size:12px}
.grid{stroke:var(--line);fill:none}.guess{stroke:var(--dim);stroke-dasharray:3 4;fill:none}
.curve{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}
g.dashed .curve{stroke-dasharray:4 3;stroke-width:1.4}
circle{fill:transparent}circle:hover{fill:currentColor}
.legend{list-style:none;padding:0;font-size:12px;max-width:316px}
.legend li{display:inline-block;margin-right:14px}
.legend i,.key i{display:inline-block;width:16px;border-top:3px solid currentColor;margin-right:6px;vertical-align:middle}
.legend i.dashed,.key i.dashed{border-top-style:dashed}
${Array.from({ length: 8 }, (_, n) => `.c${n}{color:var(--c${n})}`).join('')}
select{font:inherit;max-width:100%;padding:4px;background:var(--card);color:var(--text);border:1px solid var(--line);border-radius:6px}
canvas{width:100%;height:190px;display:block}.course{margin-top:14px}
.read{font-size:13px;color:var(--dim);min-height:20px}.key span{margin-right:14px;font-size:13px}
`;
