-- SPDX-License-Identifier: MIT
-- A version of letters that has a mistake.
return { path = "/letters", evnts = {} }
