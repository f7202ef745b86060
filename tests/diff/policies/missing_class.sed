# SPDX-License-Identifier: Apache-2.0
/^class own\b/d
/^class vcpu\b/d
/^class grant\b/d
