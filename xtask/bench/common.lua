-- What every script here shares; wrk runs in the checkout. With PAUSE_MS each connection pauses before a request. At
-- the end the result as JSON.
local pause = tonumber(os.getenv("PAUSE_MS"))
if pause then
  function delay()
    return pause
  end
end

function done(summary, latency)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format(
    '{"requests":%d,"seconds":%.3f,"bad":%d,"p50_ms":%.2f,"p99_ms":%.2f}\n',
    summary.requests, summary.duration / 1e6, bad,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000
  ))
end
