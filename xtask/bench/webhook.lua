-- Sends each signed webhook of the file once; wrk's threads share the lines between them.
dofile("xtask/bench/common.lua")

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  lines = {}
  local all, count = tonumber(args[2]), 0
  for line in io.lines(args[1]) do
    if count % all == number then
      lines[#lines + 1] = line
    end
    count = count + 1
  end
  at = 0
  headers = { ["content-type"] = "application/json; charset=utf-8" }
end

function request()
  at = at + 1
  local line = lines[at]
  if line == nil then
    wrk.thread:stop()
    line = lines[#lines]
  end
  local tab = line:find("\t", 1, true)
  headers["x-line-signature"] = line:sub(1, tab - 1)
  return wrk.format("POST", "/webhook", headers, line:sub(tab + 1))
end
