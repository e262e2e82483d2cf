-- SPDX-License-Identifier: MIT
return { first = "here" }
