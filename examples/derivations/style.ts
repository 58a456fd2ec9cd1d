/** The style of the page. */
export const style = `:root { color-scheme: light dark; --grey: #6b7280; --line: #d8dce2; --soft: #f5f6f8;
  --right: #15803d; --partly: #a16207; --wrong: #b91c1c; --link: #1d4ed8; }
@media (prefers-color-scheme: dark) { :root { --grey: #9aa3af; --line: #3a3f47; --soft: #1d2025;
  --right: #4ade80; --partly: #facc15; --wrong: #f87171; --link: #93b4ff; } }
body { max-width: 60rem; margin: 2rem auto 6rem; padding: 0 1.2rem; line-height: 1.55;
  font-family: system-ui, sans-serif; }
math { font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math", math; font-size: 1.08em; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
h2 { margin-top: 3.5rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2.2rem 0 .6rem; font-size: 1.05rem; }
code { font-size: .88em; }
pre { padding: .8rem 1rem; background: var(--soft); border-radius: .4rem; overflow-x: auto; line-height: 1.4; }
nav p { margin: 0 0 .5rem; font-size: .85rem; }
nav p a { display: inline-block; margin-right: 1.1rem; color: var(--grey); }
.steps { padding: .5rem 1rem; background: var(--soft); border-radius: .4rem;
  display: grid; align-items: baseline; grid-template-columns: max-content minmax(0, 1fr) max-content; column-gap: .35rem; }
.steps > div { display: contents; }
.steps span { padding: .22rem 0; overflow-x: auto; overflow-y: hidden; white-space: nowrap; }
.steps span:first-child { grid-column: 1; text-align: right; }
.steps span:nth-child(2) { grid-column: 2; }
.steps i { grid-column: 3; padding-left: 1rem; text-align: right; font-style: normal;
  font-size: .85rem; color: var(--grey); }
.result span { margin-top: .4rem; padding-top: .4rem; font-weight: 600; }
.part { margin: .5rem 0; overflow-x: auto; }
.told { margin: .3rem 0 .8rem; font-size: .85rem; color: var(--grey); }
article ul { margin: .8rem 0 0; padding: 0; list-style: none; }
article li { margin: .25rem 0; padding: .15rem 0 .15rem .8rem; border-left: 3px solid var(--line); overflow-x: auto; }
li > code:first-child, td > code { color: var(--grey); }
.quote { margin: 0 .6rem 0 .3rem; }
.why { font-size: .88rem; color: var(--grey); }
b.right { color: var(--right); } b.partly { color: var(--partly); } b.wrong { color: var(--wrong); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; line-height: 1.4; }
th, td { padding: .45rem .7rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
td > code, td:nth-child(3) { white-space: nowrap; }
td div { margin-bottom: .4rem; }
td:last-child { min-width: 15rem; }
@media (max-width: 40rem) {
  .steps { grid-template-columns: max-content minmax(0, 1fr); }
  .steps i { grid-column: 2; padding: 0 0 .3rem; text-align: left; }
}
`;
