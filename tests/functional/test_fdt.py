# SPDX-License-Identifier: GPL-2.0-or-later
"""The device tree equals the peer's over a matrix of versions, processors, topologies and sizes."""
import fdt_compare

fdt_compare.main()
