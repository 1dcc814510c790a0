#include "server/pages/assets.hpp"

#include <fmt/format.h>

#include <memory>

namespace mcp {
namespace {

constexpr std::string_view style = R"css(:root {
  color-scheme: light dark;
  --ground: #fbfaf7; --card: #fff; --ink: #1d1f23; --soft: #5b616b;
  --line: #e2ded3; --accent: #8a5a00; --button: #ffcc33; --button-ink: #1d1f23;
  --bad: #a3181d; --bad-ground: #fdecec; --good: #17663a; --good-ground: #e8f6ee;
  --code: #f3f1ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15161a; --card: #1d1f24; --ink: #eceef1; --soft: #a4abb6;
    --line: #34373f; --accent: #ffcc33; --button: #ffcc33; --button-ink: #1d1f23;
    --bad: #ff9a9a; --bad-ground: #3a1d20; --good: #8fdcae; --good-ground: #183325;
    --code: #26292f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
main.narrow { max-width: 30rem; }
.brand { font-weight: 600; color: var(--soft); font-size: .9rem;
  letter-spacing: .01em; margin: 0 0 1.5rem; }
.brand a { color: inherit; text-decoration: none; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem;
  overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
p { margin: .5rem 0; }
a { color: var(--accent); }
.card { background: var(--card); border: 1px solid var(--line);
  border-radius: 12px; padding: 1.5rem; }
.soft { color: var(--soft); font-size: .92rem; }
ul.plain { list-style: none; padding: 0; margin: .75rem 0; }
ul.plain li { padding: .35rem 0; overflow-wrap: anywhere; }
ul.may li { padding-left: 1.9rem; position: relative; }
ul.may li.always::before { content: "\2713"; position: absolute; left: .3rem;
  color: var(--good); font-weight: 700; }
ul.may label.choice { margin: 0 0 0 -1.9rem; gap: .8rem; }
ul.questions { padding-left: 1.2rem; margin: .75rem 0; }
ul.questions li { padding: .25rem 0; }
label { display: block; font-weight: 600; margin: 1.25rem 0 .35rem; }
label.choice { font-weight: 400; display: flex; gap: .6rem; margin: .75rem 0; }
label.choice input { width: 1.1rem; height: 1.1rem; margin: .2rem 0 0;
  flex: none; accent-color: var(--accent); }
input[type=password], input[type=text] { width: 100%; font: inherit;
  padding: .65rem .75rem; color: var(--ink); background: var(--ground);
  border: 1px solid #8a8f98; border-radius: 8px; }
input[aria-invalid] { border: 2px solid var(--bad); }
input::placeholder { color: var(--soft); opacity: 1; font-weight: 400; }
.wrong { color: var(--bad); margin: .4rem 0; }
.field { position: relative; }
.field input { padding-right: 5.5rem; }
.field button { position: absolute; right: .4rem; top: 50%;
  transform: translateY(-50%); }
input.code { font: 600 1.4rem/1.3 ui-monospace, monospace;
  letter-spacing: .15em; text-transform: uppercase; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a.button { display: inline-block; font-weight: 600; padding: .65rem 1.4rem;
  border-radius: 8px; text-decoration: none; background: var(--button);
  color: var(--button-ink); }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; }
button { font: inherit; font-weight: 600; padding: .65rem 1.4rem;
  border-radius: 8px; border: 1px solid transparent; cursor: pointer;
  background: var(--button); color: var(--button-ink); }
button.quiet { background: none; color: var(--ink); border-color: #8a8f98; }
button.small { padding: .25rem .75rem; font-size: .9rem; font-weight: 500; }
.alert { border-radius: 8px; padding: .75rem 1rem; margin: 1rem 0;
  background: var(--bad-ground); color: var(--bad); }
.alert.good { background: var(--good-ground); color: var(--good); }
code { font: .88em/1.5 ui-monospace, monospace; background: var(--code);
  border-radius: 4px; padding: .1em .35em; overflow-wrap: anywhere; }
pre { background: var(--code); border-radius: 8px; padding: .9rem 1rem;
  margin: .5rem 0; overflow-x: auto; font: .85rem/1.5 ui-monospace, monospace; }
details { border-bottom: 1px solid var(--line); }
summary { padding: .7rem .2rem; cursor: pointer; font-weight: 600; }
details > div { padding: 0 .2rem 1rem; }
.snippet { position: relative; }
.snippet button { position: absolute; top: .5rem; right: .5rem;
  background: var(--card); color: var(--ink); border-color: var(--line); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem .75rem .5rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top;
  overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; font-size: .9rem; }
@media (max-width: 34rem) {
  main { padding: 1.25rem 1rem 3rem; } .card { padding: 1.1rem; }
  details .snippet:has(button) pre { padding-top: 3.2rem; }
  table, tbody, tr, td { display: block; } thead { display: none; }
  td { border: 0; padding: .1rem 0; } tr { border-bottom: 1px solid var(--line);
    padding: .6rem 0; }
}
)css";

constexpr std::string_view script = R"js('use strict';
// The server guessed its address from a Host header; the browser knows it.
const guessed = document.querySelector('main').dataset.shownOrigin;
if (guessed && guessed !== location.origin)
  for (const text of document.querySelectorAll('pre'))
    text.textContent = text.textContent.replaceAll(guessed, location.origin);
for (const input of document.querySelectorAll('input[type=password]')) {
  const field = document.createElement('div');
  field.className = 'field';
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet small';
  button.setAttribute('aria-controls', input.id);
  const show = (shown) => {
    input.type = shown ? 'text' : 'password';
    button.textContent = shown ? 'Hide' : 'Show';
    button.setAttribute('aria-label', shown ? 'Hide key' : 'Show key');
  };
  show(false);
  button.addEventListener('click', () => show(input.type === 'password'));
  // Browsers remember what stood in a field of text.
  input.form.addEventListener('submit', () => show(false));
  const focused = document.activeElement === input;
  input.before(field);
  field.append(input, button);
  if (focused || input.autofocus)
    input.focus();
}
for (const box of document.querySelectorAll('.snippet')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'small';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    const text = box.querySelector('pre').textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(box.querySelector('pre'));
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  box.append(button);
}
)js";

/// FNV-1a; changes when the content does, and that is all it has to.
std::string content_hash(std::string_view content) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const unsigned char c : content)
    h = (h ^ c) * 0x100000001b3;
  return fmt::format("{:016x}", h);
}

const std::string& style_path() {
  static const auto path = "/assets/style-" + content_hash(style) + ".css";
  return path;
}

const std::string& script_path() {
  static const auto path = "/assets/page-" + content_hash(script) + ".js";
  return path;
}

net::http_response kept_for_ever(std::string_view content, const char* type) {
  net::http_response r;
  r.content_type = type;
  r.headers = {{"Cache-Control", "public, max-age=31536000, immutable"},
               {"X-Content-Type-Options", "nosniff"}};
  r.body = std::make_shared<const std::string>(content);
  return r;
}

} // namespace

std::string whole_page(std::string_view title, const html& body,
                       bool with_script) {
  html scripts;
  if (with_script)
    scripts = fill(R"(<script src="{{script}}" defer></script>)",
                   {{"script", script_path()}});
  return fill(R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{title}}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{{style}}">
{{scripts}}
</head>
<body>
{{body}}
</body>
</html>
)",
              {{"title", title},
               {"style", style_path()},
               {"scripts", scripts},
               {"body", body}})
    .text();
}

std::optional<net::http_response> asset(std::string_view path) {
  if (path == style_path())
    return kept_for_ever(style, "text/css; charset=utf-8");
  if (path == script_path())
    return kept_for_ever(script, "text/javascript; charset=utf-8");
  return {};
}

} // namespace mcp
