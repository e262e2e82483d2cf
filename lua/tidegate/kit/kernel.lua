-- SPDX-License-Identifier: MIT
-- How the parts of the kit reach an app's core, and let it run.

local kernel = {}

-- What a call of the core gives; raises what it complains of.
function kernel.must(ok, why)
  if ok == nil then
    error(why, 0)
  end
  return ok
end

-- The app's core; raises when the app was stopped.
function kernel.of(app)
  if not app.core then
    error("the app was stopped", 0)
  end
  return app.core
end

-- Lets everything run that can run, and gives the core.
function kernel.settle(app)
  local core = kernel.of(app)
  kernel.must(core:settle())
  return core
end

-- Moves the clock from timer to timer until is_done gives something true, which is returned, but
-- by ms at most.
function kernel.advance_until(app, is_done, ms)
  local result = is_done()
  while not result and ms > 0 do
    ms = ms - kernel.must(kernel.of(app):step(ms))
    result = is_done()
  end
  return result
end

return kernel
