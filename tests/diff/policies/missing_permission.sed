# SPDX-License-Identifier: Apache-2.0
/^class event {/s/ bind / /
/^class grant {/s/ query / /
/^class domain {/s/ create / /
/^class xen {/s/ debug / /
