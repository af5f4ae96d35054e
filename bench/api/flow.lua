-- wrk: each connection (one per thread) creates a job, uploads two pictures and submits it, again and again.
local token, picture = os.getenv("BENCH_TOKEN"), nil
local step, job = 0, nil

function setup(thread)
    thread:set("errors", 0)
end

function init(_)
    local file = assert(io.open(os.getenv("BENCH_PICTURE"), "rb"))
    picture = file:read("*a")
    file:close()
    wrk.headers["Authorization"] = "Bearer " .. token
end

function request()
    if step == 0 then
        return wrk.format("POST", "/jobs", { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" },
            '{"mode": "photo_photo"}')
    elseif step == 1 or step == 2 then
        return wrk.format("POST", "/jobs/" .. job .. (step == 1 and "/source" or "/target"),
            { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "image/jpeg" }, picture)
    end
    return wrk.format("POST", "/jobs/" .. job .. "/submit", { ["Authorization"] = "Bearer " .. token }, "")
end

function response(status, _, body)
    if status >= 300 then
        errors = errors + 1
        if errors == 1 then io.stderr:write("flow: " .. status .. " " .. body:sub(1, 300) .. "\n") end
        step = 0
        return
    end
    if step == 0 then
        job = body:match('"job_id"%s*:%s*"([^"]+)"')
    end
    step = (step + 1) % 4
end
