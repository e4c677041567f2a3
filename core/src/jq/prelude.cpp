#include "jq/prelude.hpp"

#include "base/limits.hpp"

namespace signalbox::jq {
namespace {

/// `input` asks our callback, which is the one way into a running evaluation that libjq 1.6 has.
constexpr const char* kTick = R"jq(
def _signalbox_tick: . as $it | input | $it;
)jq";

/// The builtins that loop, as jq 1.6 defines them, with the tick in each round.
constexpr const char* kLoops = R"jq(
def _signalbox_range($from; $to): range($from; $to);
def _signalbox_range($from; $to; $by): range($from; $to; $by);
def range($from; $to): _signalbox_range($from; $to) | _signalbox_tick;
def range($to): range(0; $to);
def range($from; $to; $by): _signalbox_range($from; $to; $by) | _signalbox_tick;
def while(cond; update): def _w: if cond then ., (update | _signalbox_tick | _w) else empty end; _w;
def until(cond; update): def _u: if cond then . else (update | _signalbox_tick | _u) end; _u;
def repeat(f): def _r: ., (f | _signalbox_tick | _r); _r;
def recurse(f): def _r: ., (f | _signalbox_tick | _r); _r;
def recurse(f; cond): def _r: ., (f | select(cond) | _signalbox_tick | _r); _r;
def combinations:
  if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w | _signalbox_tick end;
def combinations(n): . as $dot | [range(n)] | map($dot) | combinations;
)jq";

/// In 1.6 `[] | .[1000000000] = 1` asks for 16 GB and ends the process where it gets none, and `"" * 2e9`
/// puts nothing together two thousand million times.
constexpr const char* kPaths = R"jq(
def _signalbox_path:
  if all(.[]; type != "number" or . <= _signalbox_index_max) then .
  else error("an index is larger than is accepted in an assignment") end;
def _signalbox_setpath($p; $v): setpath($p; $v);
def setpath($p; $v): _signalbox_setpath($p | _signalbox_path; $v);
def _assign(paths; $v): reduce path(paths) as $p (.; setpath($p; $v));
def _modify(paths; update):
  reduce path(paths) as $p (.;
    . as $x | label $out
    | ($x | setpath($p; $x | getpath($p) | update) | ., break $out), ($x | delpaths([$p])));
def _signalbox_multiply($a; $b): $a * $b;
def _multiply(a; b): b as $b | a as $a
  | (if ($a | type) == "string" and ($b | type) == "number" then [$a, $b]
     elif ($b | type) == "string" and ($a | type) == "number" then [$b, $a]
     else null end) as $repeated
  | if $repeated == null then _signalbox_multiply($a; $b)
    elif $repeated[0] == "" and $repeated[1] >= 1 then ""
    elif ($repeated[0] | length) * $repeated[1] > _signalbox_text_max
    then error("a string is repeated to more than is accepted")
    else _signalbox_multiply($a; $b) end;
)jq";

/// After an empty match 1.6 goes on one byte further, within a letter of several, and reads past the text's end.
/// Whether an expression can match nothing between two letters is tried on letters of one byte.
constexpr const char* kMatches = R"jq(
def _signalbox_can_be_empty($re; $flags):
  any("xx", "XX", "00", "  ", "--", "__", "..", ",,", "::", "//";
      any(_match_impl($re; $flags; false)[]; .length == 0 and .offset == 1));
def match($re; $flags):
  if type == "string" and ($re | type) == "string" and ($flags | type) == "string" and ($flags | contains("g"))
    and length != utf8bytelength and _signalbox_can_be_empty($re; $flags)
  then error("a global match that can be empty is not accepted on a text beyond ASCII; write + in place of *")
  else _match_impl($re; $flags; false)[] end;
def _signalbox_match_of($val; f; g):
  ($val | type) as $type
  | if $type == "string" then $val | f
    elif $type == "array" and ($val | length) > 1 then $val | g
    elif $type == "array" and ($val | length) > 0 then $val[0] | f
    else error($type + " not a string or array") end;
def match($val): . as $in
  | _signalbox_match_of($val; . as $re | $in | match($re; null); . as $both | $in | match($both[0]; $both[1]));
def capture($re; $flags):
  match($re; $flags) | [.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def capture($val): . as $in
  | _signalbox_match_of($val; . as $re | $in | capture($re; null); . as $both | $in | capture($both[0]; $both[1]));
def scan($re): match($re; "g") | if (.captures | length) > 0 then [.captures[].string] else .string end;
def _signalbox_pairs: def _p: if length <= 2 then . else .[0:2], (.[2:] | _p) end; _p;
def splits($re; $flags): . as $in
  | [0, (match($re; $flags + "g") | .offset, .offset + .length), length] | _signalbox_pairs | $in[.[0]:.[1]];
def splits($re): splits($re; null);
def split($re; $flags): [splits($re; $flags)];
)jq";

/// Of times that no calendar has, and of a format that is no text, 1.6 ends the process.
constexpr const char* kTimes = R"jq(
def _signalbox_time:
  if type == "number" and ((. < 1e15 and . > -1e15) | not)
  then error("a time is further away than is accepted") else . end;
def _signalbox_format($f): if ($f | type) == "string" then $f else error("a time's format must be a string") end;
def _signalbox_gmtime: gmtime;
def gmtime: _signalbox_time | _signalbox_gmtime;
def _signalbox_localtime: localtime;
def localtime: _signalbox_time | _signalbox_localtime;
def _signalbox_strftime($f): strftime($f);
def strftime($f): _signalbox_format($f) as $f | _signalbox_time | _signalbox_strftime($f);
def _signalbox_strflocaltime($f): strflocaltime($f);
def strflocaltime($f): _signalbox_format($f) as $f | _signalbox_time | _signalbox_strflocaltime($f);
def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");
def todate: todateiso8601;
def date: todate;
)jq";

/// In 1.6 `"abc" | gsub(""; "x")` and `"abc" | indices("")` never end, and ltrimstr and
/// rtrimstr leak the message that they do not give where something is no string.
constexpr const char* kTexts = R"jq(
def _signalbox_ltrimstr($x): ltrimstr($x);
def ltrimstr($x): if type == "string" and ($x | type) == "string" then _signalbox_ltrimstr($x) else . end;
def _signalbox_rtrimstr($x): rtrimstr($x);
def rtrimstr($x): if type == "string" and ($x | type) == "string" then _signalbox_rtrimstr($x) else . end;
def _signalbox_indices($i): indices($i);
def indices($i): if type == "string" and $i == "" then [] else _signalbox_indices($i) end;
def index($i): indices($i) | .[0];
def rindex($i): indices($i) | .[-1:][0];
def sub($re; str; $flags): . as $in
  | [match($re; $flags)] as $edits
  | reduce $edits[] as $edit ([{text: "", at: 0}];
      [ .[] as $done
        | ($edit.captures | map(select(.name != null) | {key: .name, value: .string}) | from_entries | str) as $new
        | if ($new | type) != "string" then error("what sub puts in is not a string") else
          {text: ($done.text + $in[$done.at:$edit.offset] + $new), at: ($edit.offset + $edit.length)} end ])
  | .[] | .text + $in[.at:];
def sub($re; str): sub($re; str; "");
def gsub($re; str; $flags): sub($re; str; $flags + "g");
def gsub($re; str): sub($re; str; "g");
)jq";

/// Of 1.7 and 1.8; `limit` is there in 1.6, and gives everything for a count of 0.
constexpr const char* kLater = R"jq(
def _signalbox_text(f; $what): if type == "string" then f else error($what + " input must be a string") end;
def ltrim: _signalbox_text(sub("^\\s+"; ""); "trim");
def rtrim: _signalbox_text(sub("\\s+$"; ""); "trim");
def trim: ltrim | rtrim;
def trimstr($x): ltrimstr($x) | rtrimstr($x);
def abs: if type == "number" then (if . < 0 then -. else . end) else error("only a number has an absolute value") end;
def toarray: if type == "array" then . else [.] end;
def toboolean:
  if type == "boolean" then . elif . == "true" then true elif . == "false" then false
  else error("cannot be parsed as a boolean") end;
def limit($n; f):
  if $n <= 0 then empty
  else label $out | foreach f as $x (0; . + 1; $x, if . >= $n then break $out else empty end) end;
def pick(paths): . as $top | reduce path(paths) as $p (null; setpath($p; $top | getpath($p)));
def add(f): reduce f as $x (null; . + $x);
def skip($n; f):
  if $n > 0 then foreach f as $x ($n; . - 1; if . < 0 then $x else empty end)
  elif $n == 0 then f else error("skip does not take a negative count") end;
def scan($re; $flags):
  match($re; "g" + $flags) | if (.captures | length) > 0 then [.captures[].string] else .string end;
def have_literal_numbers: false;
def have_decnum: false;
)jq";

}  // namespace

const std::string& prelude() {
    static const std::string text =
        std::string(kTick) +
        "def _signalbox_index_max: " + std::to_string(limits::jq_array_index_max) +
        ";\ndef _signalbox_text_max: " + std::to_string(limits::jq_output_bytes_max) + ";\n" +
        kLoops + kPaths + kMatches + kTimes + kTexts + kLater;
    return text;
}

}  // namespace signalbox::jq
