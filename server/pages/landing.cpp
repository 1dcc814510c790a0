#include "server/pages/landing.hpp"

#include "server/pages/assets.hpp"
#include "server/pages/clients.hpp"

#include <algorithm>
#include <array>

namespace mcp {
namespace {

/// What people ask, and the tools that answer it.
struct question {
  const char* text;
  std::array<const char*, 2> needs; // the second may be null
};

/// The first that the offered tools can answer are shown.
constexpr question questions[] = {
  {"Which five runs have the best accuracy, and with which settings?",
   {"query_wandb_tool"}},
  {"Is my last run diverging or overfitting?",
   {"query_wandb_tool", "diagnose_run_tool"}},
  {"Why is this run so much worse than that one?", {"compare_runs_tool"}},
  {"Which LLM calls failed, and with what error?", {"query_weave_traces_tool"}},
  {"How did the latest evaluation score against the one before?",
   {"summarize_evaluation_tool"}},
  {"What changed between the last two versions of my dataset?",
   {"compare_artifact_versions_tool"}},
  {"Which models are in our registry?",
   {"list_registries_tool", "list_registry_collections_tool"}},
  {"How do I log a confusion matrix?", {"search_wandb_docs_tool"}},
  {"Write a report about this week's runs.", {"create_wandb_report_tool"}},
};
constexpr std::size_t shown_questions = 6;

html what_to_ask(const tools::catalog& catalog) {
  html out;
  std::size_t shown = 0;
  for (const auto& q : questions) {
    const bool answered =
      std::all_of(q.needs.begin(), q.needs.end(), [&](const char* name) {
        return !name || catalog.find(name);
      });
    if (answered && shown++ < shown_questions)
      out += fill("<li>{{text}}</li>\n", {{"text", q.text}});
  }
  return out;
}

bool can_write(const tools::catalog& catalog) {
  const auto names = catalog.names();
  return std::any_of(names.begin(), names.end(), [&](auto name) {
    return !catalog.find(name)->what->hints.read_only;
  });
}

} // namespace

std::string landing_page(const tools::catalog& catalog, const page_facts& facts,
                         const shown_address& address, const char* state) {
  html how;
  if (facts.offers_sign_in)
    how = fill("<p>Add this address to your client. It opens a page where you "
               "sign in with your W&amp;B API key.</p>");
  else if (facts.needs_key)
    how = fill(R"(<p>Add this address to your client, with your W&amp;B API key
from <a href="{{url}}" rel="noopener noreferrer">{{url}}</a>.</p>)",
               {{"url", facts.key_url}});
  else
    how = fill("<p>Add this address to your client. It needs no key: everybody "
               "uses the W&amp;B account of this server.</p>");
  const auto body = fill(
    R"(<main data-shown-origin="{{guess}}">
<p class="brand">wandb-mcp-server {{version}} &middot;
<a href="/health">{{state}}</a></p>
<h1>Ask your AI client about your W&amp;B experiments</h1>
<p>Claude, Cursor, VS Code and other MCP clients look up runs, traces,
evaluations and models here{{whose}}. {{writes}}</p>
<h2>What you can ask</h2>
<ul class="questions">
{{questions}}</ul>
<h2>Connect</h2>
{{how}}
{{address}}
<p class="buttons"><a class="button" href="/connect">Connect your client</a></p>
</main>)",
    {{"guess", address.guessed_origin},
     {"version", MCP_VERSION},
     {"state", state},
     {"whose", facts.offers_sign_in || facts.needs_key
                 ? ", with your own W&B account"
                 : ""},
     {"writes", can_write(catalog)
                  ? "If you ask, they also write reports and log analyses."
                  : "They only read; nothing is changed."},
     {"questions", what_to_ask(catalog)},
     {"how", how},
     {"address", snippet(address.url)}});
  return whole_page("wandb-mcp-server", body, true);
}

} // namespace mcp
