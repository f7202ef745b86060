# SPDX-License-Identifier: Apache-2.0
/^class event {/s/ bind / /
