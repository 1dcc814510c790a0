#pragma once

#include "protocol/wandb/weave_condition.hpp"
#include "protocol/wandb/weave_filter_keys.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>

// Filters by ids and by names that stand for ids: a part of the filter
// translation (weave_filter.hpp has the whole picture and the bounds).

namespace mcp::wandb {

/// Where one filter object is translated to.
struct filter_place {
  condition_list& out;
  boost::json::object* lists; // the server's own filter; null below the top
  std::string_view project;   // "entity/project"; empty: not known
};

/// The list that holds this column's ids. `column` is one of those of
/// `filter_id_lists`.
[[nodiscard]] const filter_ids& filter_ids_of(std::string_view column);

/// Adds that a call has one of the ids `v`, a text or a list of 1 to 1000: to
/// the server's list of them where there is a place, else as an expression.
/// Ops and runs may go by the names that people know.
void add_ids(const filter_place& at, const filter_ids& ids,
             const std::string& where, const boost::json::value& v);

/// Adds what `v` asks of the op's name or the run's id: ids as above, a text
/// where * stands for anything, or a condition.
void add_named(const filter_place& at, const filter_ids& ids,
               const std::string& where, const boost::json::value& v);

} // namespace mcp::wandb
