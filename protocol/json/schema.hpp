#pragma once

#include "protocol/errors.hpp"

#include <boost/json.hpp>

#include <memory>
#include <string_view>

namespace mcp {

/// A tool's input schema, compiled once and used for every call.
class argument_schema {
public:
  /// Takes a JSON Schema of an object, as text. Throws std::invalid_argument
  /// when it is none: schemas are ours, so that is a mistake in the program.
  explicit argument_schema(std::string_view schema_text);
  ~argument_schema();
  argument_schema(argument_schema&&) noexcept;
  argument_schema& operator=(argument_schema&&) noexcept;

  /// Makes what a client sent into what the tool expects, or says what is
  /// wrong.
  /// - Lenient, because models and clients are: "10" and 10.0 are the integer
  ///   10; "true", "false", 1 and 0 are booleans; JSON text is taken for an
  ///   object, an array or null where the schema wants one.
  /// - Members the schema does not name are dropped; null for an optional
  ///   member that does not admit it counts as absent.
  /// - Absent members that have a "default" get it.
  /// Errors: `bad_argument`; the message names each path and what was expected
  ///         there, up to five of them: "limit: expected an integer from 1 to
  ///         10000, got a string".
  /// Safe from several threads at once.
  [[nodiscard]] result<boost::json::object>
  accept(boost::json::object arguments) const;

private:
  struct impl;
  std::unique_ptr<const impl> impl_;
};

} // namespace mcp
