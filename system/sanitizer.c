/*
 * What a build with --enable-sanitizers needs of its runtime, kept here so that nobody has to set it in the environment.
 *
 * Exceptions leave helpers by siglongjmp() over frames of generated code, which no sanitizer has instrumented: fake stacks
 * (detect_stack_use_after_return) would keep the frames that were jumped over. The huge reservations of guest memory
 * and of the translator are not to be shadowed ahead of use, and "cannot be had" must be answered by NULL, as malloc does.
 * What start-up makes lives as long as the process, and a unit test ends its process with what it made: leaks are not sought.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config-host.h"
#ifdef CONFIG_SANITIZERS

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
    return "detect_leaks=0:detect_stack_use_after_return=0:allocator_may_return_null=1:abort_on_error=1:disable_coredump=1";
}

const char *__ubsan_default_options(void)
{
    return "print_stacktrace=1";
}

#endif
