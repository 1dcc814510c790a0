#pragma once

#include "tools/weave_reader.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

// What the calls of a project look like: which paths they have, and of what
// types and values.

namespace mcp::tools {

/// Learns from calls one by one and holds none of them.
///
/// A path is the names on the way, joined by dots. Objects of up to 10 members
/// are entered; a larger one is a leaf whose member names are listed, because
/// such objects are often maps, keyed by an id. An object that Weave saved is
/// told by its "_type" alone. The first elements of an array share the path of
/// the array with [] behind it. An empty object is a leaf.
class trace_schema {
public:
  void add(const boost::json::object& call);

  /// How much of what was learned a list shows.
  struct extent {
    std::size_t values = 5;            // most frequent values of each path
    std::size_t characters = 100;      // of each value
    std::size_t names = 30;            // members of a large object
    bool elements = true;              // paths inside of arrays
    std::size_t depth = SIZE_MAX;      // names on a path
    std::size_t max_fields = SIZE_MAX; // the rest is left out
  };

  /// [{"path", "type", "top_values", "non_null_count"}, ...] by path, with
  ///   "null_count"  when it was also null
  ///   "types"       counts by type when it was of several, null apart
  ///   "members"     of a large object
  ///   "dotted_name" true when a name on the path itself holds a dot
  /// "type" is the most frequent type but null: boolean, int, float, string,
  /// datetime, array, object; null when it was nothing else. Values are texts,
  /// or JSON for all that is no text.
  boost::json::array fields(const extent& how) const;

  /// Paths known, those beyond the bound not counted.
  std::size_t size() const { return paths_.size(); }
  /// True when there were more paths than are kept track of.
  bool overflowed() const { return overflowed_; }

private:
  struct path_facts {
    std::size_t depth = 1;
    bool element = false; // inside of an array
    bool dotted_name = false;
    std::size_t nulls = 0;
    std::vector<std::pair<std::string_view, std::size_t>> types;
    /// Values by their text, with count and position of the first.
    std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> values;
    std::set<std::string> members;
    bool more_members = false;
  };
  struct place {
    std::string path;
    std::size_t depth = 1;
    bool element = false;
    bool dotted_name = false;
  };

  void walk(const place& at, const boost::json::value& v);
  void enter(const place& at, const boost::json::object& members);
  path_facts* facts_of(const place& at);
  static boost::json::object field(const std::string& path,
                                   const path_facts& facts, const extent& how);

  std::map<std::string, path_facts> paths_;
  // What all paths together may still hold, so that strange calls cost little.
  std::size_t values_left_ = 20'000;
  std::size_t members_left_ = 20'000;
  bool overflowed_ = false;
};

/// Reads calls into a schema.
class schema_reader : public call_reader {
public:
  using call_reader::call_reader;
  const trace_schema& schema() const { return schema_; }

protected:
  void take(boost::json::object call) override { schema_.add(call); }

private:
  trace_schema schema_;
};

} // namespace mcp::tools
