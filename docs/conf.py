# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual: sphinx-build docs build/docs"""
project = "qemu-system-ppc64"
copyright = "the project's authors"
extensions = []
html_theme = "alabaster"
