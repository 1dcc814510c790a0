#include "protocol/wandb/filestream.hpp"
#include "protocol/wandb/report_link.hpp"
#include "protocol/wandb/run_table.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp::wandb;
namespace json = boost::json;

TEST_CASE("a post says only what there is to say", "[protocol]") {
  CHECK(filestream_body({}) == "{}");
  const auto whole = filestream_body({.offset = 7,
                                      .history = {R"({"_step":7})"},
                                      .summary = R"({"a":1})",
                                      .uploaded = {"media/t.json"},
                                      .finished = true});
  CHECK(json::parse(whole) == json::parse(R"({"files":{
    "wandb-history.jsonl":{"offset":7,"content":["{\"_step\":7}"]},
    "wandb-summary.json":{"offset":0,"content":["{\"a\":1}"]}},
    "uploaded":["media/t.json"],"complete":true,"exitcode":0})"));
}

TEST_CASE("a long history is cut into posts that follow each other",
          "[protocol]") {
  const auto posts = filestream_posts({"aaaa", "bbbb", "cccccccccccc", "d"}, 8);
  REQUIRE(posts.size() == 3);
  CHECK(posts[0].history == std::vector<std::string>{"aaaa", "bbbb"});
  CHECK(posts[1].history == std::vector<std::string>{"cccccccccccc"});
  CHECK(posts[1].offset == 2);
  CHECK(posts[2].history == std::vector<std::string>{"d"});
  CHECK(posts[2].offset == 3);
  CHECK(filestream_posts({}, 8).size() == 1);
}

TEST_CASE("names are escaped in paths and links", "[protocol]") {
  CHECK(filestream_path("a b", "p/../q", "r?#")
        == "/files/a%20b/p%2F..%2Fq/"
           "r%3F%23/file_stream");
  CHECK(run_link("https://wandb.ai", "a b", "p%", "r1")
        == "https://wandb.ai/a%20b/p%25/runs/r1");
}

TEST_CASE("a report's link has its title and its id", "[protocol]") {
  struct row {
    std::string title, last;
  };
  const auto [title, last] = GENERATE(values<row>({
    {"Weekly report", "Weekly-report--Vmlldzox"},
    {"  A -- b/c?  ", "A-b-c--Vmlldzox"},
    {"loss_2 (v1.0)!", "loss_2-v1-0--Vmlldzox"},
    {"R\xC3\xA9sum\xC3\xA9", "R%C3%A9sum%C3%A9--Vmlldzox"},
    {"!!!", "--Vmlldzox"},
  }));
  CHECK(report_link("https://wandb.ai", "e", "p", title, "Vmlldzox==")
        == "https://wandb.ai/e/p/reports/" + last);
}

TEST_CASE("a table has the columns of all rows", "[protocol]") {
  const auto rows =
    json::parse(R"([{"a":1,"b":"x"},{"c":[1,2],"a":null},{}])").as_array();
  const auto columns = column_names(rows);
  CHECK(columns == std::vector<std::string>{"a", "b", "c"});
  const auto table = make_run_table("rows", 2, columns, rows);
  CHECK(table.content
        == R"({"columns":["a","b","c"],)"
           R"("data":[[1,"x",null],[null,null,[1,2]],[null,null,null]]})");
  // sha256sum of that text
  CHECK(table.reference.at("sha256").as_string().size() == 64);
  CHECK(
    table.path
    == "media/table/rows_2_"
         + std::string(table.reference.at("sha256").as_string()).substr(0, 20)
         + ".table.json");
  auto rest = table.reference;
  rest.erase("sha256");
  rest.erase("path");
  CHECK(json::value(rest)
        == json::parse(R"({"_type":"table-file","size":)"
                       + std::to_string(table.content.size())
                       + R"(,"ncols":3,"nrows":3,"log_mode":"IMMUTABLE"})"));
}

TEST_CASE("a file is named by its SHA-256", "[protocol]") {
  const auto table = make_run_table("k", 0, {}, {});
  CHECK(table.content == R"({"columns":[],"data":[]})");
  CHECK(table.reference.at("sha256")
        == "dcf8d2dc06472c14e30f84f60a21168000053be35a0daf688e48adea5093ab77");
}
