# SPDX-License-Identifier: Apache-2.0
1i class file
/^class unknown_unused {/i common any_file { read write }\nclass file inherits any_file
