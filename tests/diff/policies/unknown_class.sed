# SPDX-License-Identifier: Apache-2.0
1i class file\nclass process
s/^class unknown_unused {/class file { read write }\nclass process { fork }\n&/
/^class event {/s/{/{ newer_permission/
/^class grant {/s/}/another_one }/
