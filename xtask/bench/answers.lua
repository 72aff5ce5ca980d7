-- Each request is a whole answer of somebody else to the form 意見募集 of the sample city, as its
-- last page sends it. The first argument keeps the keys of two runs apart.
dofile("xtask/bench/common.lua")

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local function encoded(text)
  return (text:gsub("[^%w]", function(c) return string.format("%%%02X", c:byte()) end))
end

function init(args)
  run = tonumber(args[1])
  count = 0
  headers = {
    ["content-type"] = "application/x-www-form-urlencoded",
    ["accept"] = "text/html",
    ["sec-fetch-site"] = "same-origin",
  }
  local fields = {}
  for _, field in ipairs({
    { "version", "1" }, { "page", "4" }, { "act", "send" },
    { "answers[kind][]", "live" },
    { "answers[name.family][]", "見本" }, { "answers[name.given][]", "花子" },
    { "answers[home.prefecture][]", "見本県" }, { "answers[home.city][]", "みほん市" },
    { "answers[home.street][]", "山手三丁目8-14" }, { "answers[tel][]", "090-0000-1234" },
    { "answers[opinions.0.where][]", "all" }, { "answers[opinions.0.stance][]", "partly" },
    { "answers[opinions.0.text][]", string.rep("駅までの道に、自転車の通るところを分けてください。", 6) },
    { "answers[opinions.0.reason][]", "朝は歩く人と重なって、あぶないことが多いからです。" },
    { "answers[agree][]", "yes" },
  }) do
    fields[#fields + 1] = encoded(field[1]) .. "=" .. encoded(field[2])
  end
  rest = table.concat(fields, "&")
end

function request()
  count = count + 1
  local who = string.format("%08x%08x%048x", run, number, count)
  headers["cookie"] = "kairan_answer=" .. who
  return wrk.format("POST", "/liff/f/3", headers, "key=" .. who .. "&" .. rest)
end
