-- A plain GET.
dofile("xtask/bench/common.lua")
