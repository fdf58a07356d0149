/* SPDX-License-Identifier: Apache-2.0 */
#include "escalation/escalation.h"
#include "runtime/service.h"

int main (int argc, char **argv)
{
    return service_main (&escalation_service, argc, argv);
}
